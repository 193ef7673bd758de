"""How every model in models/ was made: from data to .onnx."""

import type * as Ort from "onnxruntime-node";
import { VisionError } from "../../core/vision/ports";

export type Tensor = Ort.Tensor;

/** A loaded model. One thread, no spinning: several workers share few cores with Node-RED. */
export class Model {
  private constructor(
    private readonly ort: typeof Ort,
    private readonly session: Ort.InferenceSession,
    readonly id: string,
  ) {}

  /**
   * Loads a model from its bytes. Blocks the thread: for worker threads only.
   * @throws VisionError model_invalid
   */
  static async load(id: string, bytes: Uint8Array): Promise<Model> {
    const ort = runtime();
    try {
      const session = await ort.InferenceSession.create(bytes, {
        executionProviders: ["cpu"],
        executionMode: "sequential",
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        logSeverityLevel: 3,
        // buffers kept by the session instead of by malloc, which scatters them: a tenth less memory.
        // Planned ahead they would be kept for every size of frame.
        enableCpuMemArena: true,
        enableMemPattern: false,
        extra: { session: { intra_op: { allow_spinning: "0" } } },
      });
      return new Model(ort, session, id);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new VisionError("model_invalid", `model ${id} cannot be loaded: ${why}`);
    }
  }

  /** Runs the model on its first input; outputs by name. */
  async run(
    type: "uint8" | "float32",
    data: Uint8Array | Float32Array,
    dims: number[],
  ): Promise<Record<string, Tensor>> {
    const name = this.session.inputNames[0] ?? "";
    return this.session.run({ [name]: this.tensor(type, data, dims) });
  }

  /** The first output, as 32-bit floats. */
  first(outputs: Record<string, Tensor>): Tensor {
    const name = this.session.outputNames[0] ?? "";
    return this.output(outputs, name);
  }

  /** @throws VisionError model_invalid where the model has no such output */
  output(outputs: Record<string, Tensor>, name: string): Tensor {
    const tensor = outputs[name];
    if (!tensor || !(tensor.data instanceof Float32Array)) {
      throw new VisionError("model_invalid", `model ${this.id} has no float output "${name}"`);
    }
    return tensor;
  }

  async release(): Promise<void> {
    await this.session.release();
  }

  private tensor(type: "uint8" | "float32", data: Uint8Array | Float32Array, dims: number[]) {
    return type === "uint8"
      ? new this.ort.Tensor("uint8", data as Uint8Array, dims)
      : new this.ort.Tensor("float32", data as Float32Array, dims);
  }
}

/** A tensor's numbers. */
export function floats(tensor: Tensor): Float32Array {
  return tensor.data as Float32Array;
}

/** Loaded on first use: a machine without the native library still shows the palette. */
function runtime(): typeof Ort {
  try {
    return require("onnxruntime-node") as typeof Ort;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new VisionError("model_missing", `onnxruntime-node cannot be loaded: ${why}`);
  }
}

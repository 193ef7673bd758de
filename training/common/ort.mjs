// Runs an .onnx in onnxruntime-node on raw input files, so that an export can be checked and timed where it is used.
// node training/common/ort.mjs MODEL OUTPUT_NAME REPEATS THREADS < request.json
// request.json: {"input": NAME, "type": "uint8"|"float32", "cases": [{"dims": [...], "file": RAW, "out": RAW}]}
// Prints {"ms": [[per repeat] per case], "dims": [[...]]}.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(path.join(process.cwd(), 'package.json'));
const ort = require('onnxruntime-node');
const [model, output, repeats, threads] = process.argv.slice(2);
const request = JSON.parse(readFileSync(0, 'utf8'));
const session = await ort.InferenceSession.create(model, {
  intraOpNumThreads: Number(threads),
  interOpNumThreads: 1,
  graphOptimizationLevel: 'all',
});
const ms = [];
const dims = [];
for (const one of request.cases) {
  const raw = readFileSync(one.file);
  const data = request.type === 'uint8' ? new Uint8Array(raw) : new Float32Array(raw.buffer, raw.byteOffset, raw.length / 4);
  const times = [];
  let result;
  for (let i = 0; i < Number(repeats); i++) {
    const start = performance.now();
    result = await session.run({ [request.input]: new ort.Tensor(request.type, data, one.dims) });
    times.push(performance.now() - start);
  }
  const got = result[output];
  writeFileSync(one.out, Buffer.from(got.data.buffer, got.data.byteOffset, got.data.byteLength));
  ms.push(times);
  dims.push(got.dims);
}
console.log(JSON.stringify({ ms, dims }));

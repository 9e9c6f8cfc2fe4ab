/* onnx_run.js - run an ONNX model with onnxruntime-node: MODEL PIXELS N SIZE OUTPUT FILE
   PIXELS and FILE are raw float32. Prints the dimensions of the output. */
const fs = require('fs'), ort = require('onnxruntime-node');
const [model, pixels, n, size, output, file] = process.argv.slice(2);
const floats = name => {
	const b = fs.readFileSync(name);
	return new Float32Array(b.buffer.slice(b.byteOffset, b.byteOffset + b.length));
};
(async () => {
	const session = await ort.InferenceSession.create(model);
	const result = await session.run({ pixels: new ort.Tensor('float32', floats(pixels), [+n, 3, +size, +size]) });
	const x = result[output];
	fs.writeFileSync(file, Buffer.from(x.data.buffer, x.data.byteOffset, x.data.byteLength));
	console.log(x.dims.join(' '));
})().catch(e => { console.error(String(e)); process.exit(1); });

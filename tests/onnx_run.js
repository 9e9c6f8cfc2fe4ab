/* onnx_run.js - run an ONNX model with onnxruntime-node: MODEL PIXELS N SIZE OUTPUT FILE
   PIXELS is raw float32, FILE raw float32 or int64; several outputs, separated by commas, go to FILE.OUTPUT. Prints the
   dimensions of each output. */
const fs = require('fs'), ort = require('onnxruntime-node');
const [model, pixels, n, size, output, file] = process.argv.slice(2);
const floats = name => {
	const b = fs.readFileSync(name);
	return new Float32Array(b.buffer.slice(b.byteOffset, b.byteOffset + b.length));
};
(async () => {
	const session = await ort.InferenceSession.create(model), names = output.split(',');
	const inputs = { pixels: new ort.Tensor('float32', floats(pixels), [+n, 3, +size, +size]) };
	const result = await session.run(inputs, names);
	for (const name of names) {
		const x = result[name];
		fs.writeFileSync(names.length > 1 ? `${file}.${name}` : file,
			Buffer.from(x.data.buffer, x.data.byteOffset, x.data.byteLength));
		console.log(x.dims.join(' '));
	}
})().catch(e => { console.error(String(e)); process.exit(1); });

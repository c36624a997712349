// Uploads files as somebody's app would, by a library that others wrote; says what became of each.
// Rule: it knows tus and nothing else of the server. Run in the app's folder, whose packages it uses:
// `node --input-type=module - '<asked as JSON>'`; a line of JSON for each file comes back.

import { readFile } from "node:fs/promises";

const asked = JSON.parse(process.argv.at(-1));
const OPTIONS = {
  endpoint: asked.endpoint,
  headers: { Authorization: asked.authorization },
  chunkSize: asked.chunkSize,
  retryDelays: Array(asked.retries).fill(20),
  ...asked.options,
};

async function byTus(file) {
  const tus = await import("tus-js-client");
  const content = await readFile(file.path);
  return await new Promise((resolve) => {
    const upload = new tus.Upload(content, {
      ...OPTIONS,
      metadata: file.metadata,
      uploadUrl: file.url ?? null,
      onError: (error) => resolve({ path: file.path, url: upload.url, error: String(error) }),
      onSuccess: () => resolve({ path: file.path, url: upload.url }),
    });
    upload.start();
  });
}

async function byUppy(files) {
  const { default: Uppy } = await import("@uppy/core");
  const { default: Tus } = await import("@uppy/tus");
  const uppy = new Uppy({ logger: { debug() {}, warn() {}, error() {} } });
  uppy.use(Tus, { ...OPTIONS, allowedMetaFields: ["sha256", "name", "type"] });
  for (const file of files) {
    const data = await readFile(file.path);
    Object.defineProperty(data, "size", { value: data.length });
    uppy.addFile({ name: file.metadata.name, type: "image/jpeg", data, meta: file.metadata });
  }
  const { failed } = await uppy.upload();
  return uppy.getFiles().map((file) => {
    const broken = failed.find((one) => one.id === file.id);
    return { path: file.name, url: file.tus?.uploadUrl, error: broken && String(broken.error) };
  });
}

const done =
  asked.client === "uppy" ? await byUppy(asked.files) : await Promise.all(asked.files.map(byTus));
for (const one of done) console.log(JSON.stringify(one));
process.exit(0);

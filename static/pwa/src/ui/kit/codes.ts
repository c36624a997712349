// Reading QR codes from a picture: zxing compiled to WebAssembly, from our own files.
// Rule: loaded only when a scan begins, kept on the device with the rest of the app, and never
// fetched from another host.

import wasm from "zxing-wasm/reader/zxing_reader.wasm?url";

type Reader = typeof import("zxing-wasm/reader");

let reader: Promise<Reader> | undefined;

async function load(): Promise<Reader> {
  const module = await import("zxing-wasm/reader");
  module.prepareZXingModule({ overrides: { locateFile: () => wasm } });
  return module;
}

// Codes on one picture: a label sheet photographed whole has many.
const CODES_MAX = 20;

// What stands on the plates of equipment: serial numbers mostly as bars.
const PLATE = ["QRCode", "DataMatrix", "Code128", "Code39", "Code93", "ITF"] as const;

/**
 * Texts of the QR codes on a camera frame (`ImageData`) or a chosen photo (`Blob`), none found: [].
 * `bars` also reads what makers print on their plates. `thorough` also tries turned and reduced copies: for a photo, too slow for each camera frame.
 */
export async function readCodes(
  picture: ImageData | Blob,
  { thorough = false, bars = false }: { thorough?: boolean; bars?: boolean } = {},
): Promise<readonly string[]> {
  reader ??= load();
  try {
    const { readBarcodes } = await reader;
    const found = await readBarcodes(picture, {
      formats: bars ? [...PLATE] : ["QRCode"],
      tryHarder: thorough,
      tryRotate: thorough,
      tryInvert: thorough,
      maxNumberOfSymbols: thorough ? CODES_MAX : 1,
    });
    return found.filter((code) => code.isValid).map((code) => code.text);
  } catch (error) {
    // A failed load may be the network's; the next scan tries again.
    reader = undefined;
    throw error;
  }
}

// Reading codes from a chosen photo.

import { useState } from "preact/hooks";
import { readCodes } from "../codes.ts";
import { AddPhoto } from "../photos.tsx";
import { t } from "./words.ts";

export function Scan() {
  const [found, setFound] = useState<readonly string[] | null>(null);
  const read = async (file: File) => setFound(await readCodes(file, { thorough: true }));
  return (
    <main style={{ padding: "24px" }}>
      <AddPhoto label={t("nav.scan")} camera={false} onFile={(file) => void read(file)} />
      {found !== null && <output>{found.length === 0 ? "—" : found.join(" ")}</output>}
    </main>
  );
}

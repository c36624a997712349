// The server's place for bytes in memory: tus 1.0 and `have`, as far as tablets use them. Rule: it keeps
// by its own few lines what comes, counts what came twice, and shares no code with the app.

// Loaded before the first photo is sent: loading takes time that no test's clock turns.
import "../../src/sync/tus.ts";
import { createHash } from "node:crypto";
import { type FakeServer, problem } from "./server.ts";

interface Kept {
  readonly sha256: string;
  readonly attachment: string;
  readonly bytes: number;
  readonly metadata: string;
  held: Buffer;
  isWhole: boolean;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  /** Of the body. */
  readonly bytes: number;
}

export type FileFault =
  | "lose-request"
  | "lose-answer"
  | "twice"
  /** So many bytes of the body come through, then the line is cut. */
  | { readonly cutAfter: number }
  | { readonly status: number; readonly type?: string; readonly headers?: Record<string, string> };

export class FakeFiles {
  readonly uploads = new Map<string, Kept>();
  readonly blobs = new Map<string, Buffer>();
  readonly asked: Asked[] = [];
  /** How often bytes of one digest became whole. */
  readonly arrivals: string[] = [];
  /** Bytes of bodies that were kept, all together. */
  received = 0;
  /** What befalls a request; null: nothing. */
  fault: (asked: Asked, at: number) => FileFault | null = () => null;
  /** Set on the record when its bytes are whole. */
  writesReceipts = true;
  readonly #server: FakeServer;
  #next = 1;

  constructor(server: FakeServer) {
    this.#server = server;
  }

  readonly fetch = async (path: string, init: RequestInit): Promise<Response> => {
    if (!path.startsWith("/files")) return this.#server.fetch(path, init);
    const method = init.method ?? "GET";
    const body = bodyOf(init.body);
    const asked = { method, path, bytes: body.length };
    const fault = this.fault(asked, this.asked.length);
    this.asked.push(asked);
    if (fault === "lose-request") throw new TypeError("network");
    if (typeof fault === "object" && fault !== null && "status" in fault) {
      return problem(fault.status, fault.type ?? "/problems/fault", fault.headers);
    }
    if (typeof fault === "object" && fault !== null) {
      this.#handle(method, path, init, body.subarray(0, fault.cutAfter), true);
      throw new TypeError("network");
    }
    const answer = this.#handle(method, path, init, body, false);
    if (fault === "lose-answer") throw new TypeError("network");
    return fault === "twice" ? this.#handle(method, path, init, body, false) : answer;
  };

  #handle(method: string, path: string, init: RequestInit, body: Buffer, isCut: boolean): Response {
    const headers = new Headers(init.headers);
    const isKnown = headers.get("Authorization") === `Bearer ${this.#server.credential}`;
    if (!isKnown || this.#server.state === "dead") return problem(401, "/problems/not-signed-in");
    if (path === "/files/have") return this.#have(body);
    if (headers.get("Tus-Resumable") !== "1.0.0") return problem(412, "/problems/version");
    if (method === "POST") return this.#create(headers, body, isCut);
    const kept = this.uploads.get(path);
    if (kept === undefined) {
      return method === "HEAD"
        ? new Response(null, { status: 404 })
        : problem(404, "/problems/upload-unknown");
    }
    if (method === "HEAD") {
      const { metadata, bytes } = kept;
      return answer(200, kept, { "Upload-Length": `${bytes}`, "Upload-Metadata": metadata });
    }
    return this.#append(kept, Number(headers.get("Upload-Offset")), body);
  }

  #have(body: Buffer): Response {
    const { sha256 }: { sha256: string[] } = JSON.parse(body.toString());
    return Response.json({ have: sha256.filter((one) => this.blobs.has(one)) });
  }

  #create(headers: Headers, body: Buffer, isCut: boolean): Response {
    const metadata = headers.get("Upload-Metadata") ?? "";
    const said = new Map(metadata.split(",").map((pair) => pair.split(" ") as [string, string]));
    const read = (name: string) => Buffer.from(said.get(name) ?? "", "base64").toString();
    const sha256 = read("sha256");
    const bytes = Number(headers.get("Upload-Length"));
    // The same bytes are never sent side by side: who announces them again goes on.
    const known = [...this.uploads].find(([, one]) => one.sha256 === sha256 && one.bytes === bytes);
    const attachment = read("attachment");
    const [path, kept] = known ?? [
      `/files/${this.#next++}`,
      { sha256, attachment, bytes, metadata, held: Buffer.alloc(0), isWhole: false },
    ];
    this.uploads.set(path, kept);
    if (body.length > 0 || isCut) {
      const appended = this.#append(kept, 0, body);
      if (appended.status >= 400) return appended;
    }
    return answer(201, kept, { Location: path });
  }

  #append(kept: Kept, offset: number, body: Buffer): Response {
    if (offset !== kept.held.length) {
      return problem(409, "/problems/offset-differs", { "Upload-Offset": `${kept.held.length}` });
    }
    if (offset + body.length > kept.bytes) return problem(413, "/problems/upload-past-end");
    kept.held = Buffer.concat([kept.held, body]);
    this.received += body.length;
    if (kept.held.length < kept.bytes || kept.isWhole) return answer(204, kept);
    if (createHash("sha256").update(kept.held).digest("hex") !== kept.sha256) {
      kept.held = Buffer.alloc(0);
      return problem(422, "/problems/digest-differs");
    }
    kept.isWhole = true;
    this.blobs.set(kept.sha256, kept.held);
    this.arrivals.push(kept.sha256);
    this.#receipt(kept.attachment);
    return answer(204, kept);
  }

  #receipt(id: string): void {
    const record = this.#server.records.get(id);
    if (record === undefined || !this.writesReceipts) return;
    const data = { ...record.data, received_at: "2027-01-15T09:00:00Z" };
    this.#server.put("attachment", id, record.scope, data);
  }
}

function answer(status: number, { held }: Kept, headers: Record<string, string> = {}): Response {
  const said = { "Tus-Resumable": "1.0.0", "Upload-Offset": `${held.length}`, ...headers };
  return new Response(null, { status, headers: said });
}

function bodyOf(body: RequestInit["body"]): Buffer {
  if (typeof body === "string") return Buffer.from(body);
  return body instanceof Uint8Array ? Buffer.from(body) : Buffer.alloc(0);
}

// The camera as a stream of codes. Rule: it runs only while it is looked at; when the system takes it
// away (another app, a locked screen) it is opened again, and a refusal is told with the way out.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Wait } from "../../../core/world.ts";
import { readCodes } from "../../kit/codes.ts";

export type CameraState =
  | "starting"
  | "running"
  /** The person or the system said no. */
  | "refused"
  | "missing"
  /** Another program has it. */
  | "busy"
  /** Not served over HTTPS, so browsers give no camera. */
  | "insecure"
  /** The reader of codes could not be loaded. */
  | "no-reader";

/** `torch` is not in the DOM's own types: W3C MediaStream Image Capture, 3.4. */
type TorchCapabilities = MediaTrackCapabilities & { readonly torch?: boolean };
type TorchConstraints = MediaTrackConstraintSet & { readonly torch: boolean };

/** Longest edge of a frame that is read, px: enough for a 20 mm label at arm's length. */
const FRAME_EDGE_MAX = 960;
const PAUSE_MS = 90;

function stateFor(error: unknown): CameraState {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "missing";
}

export class Camera {
  readonly #video: HTMLVideoElement;
  readonly #wait: Wait;
  readonly #onCode: (text: string) => void;
  readonly #state = signal<CameraState>("starting");
  readonly #torch = signal<boolean | null>(null);
  readonly #canvas = document.createElement("canvas");
  #over = new AbortController();
  #stream: MediaStream | undefined;

  constructor(video: HTMLVideoElement, wait: Wait, onCode: (text: string) => void) {
    this.#video = video;
    this.#wait = wait;
    this.#onCode = onCode;
  }

  get state(): ReadonlySignal<CameraState> {
    return this.#state;
  }

  /** On, off; null where this camera has none. */
  get torch(): ReadonlySignal<boolean | null> {
    return this.#torch;
  }

  async start(): Promise<void> {
    this.stop();
    const over = new AbortController();
    this.#over = over;
    this.#state.value = "starting";
    if (!navigator.mediaDevices?.getUserMedia) {
      this.#state.value = "insecure";
      return;
    }
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 960 } },
      });
      if (over.signal.aborted) {
        for (const track of stream.getTracks()) track.stop();
        return;
      }
      await this.#show(stream);
      this.#state.value = "running";
    } catch (error) {
      if (!over.signal.aborted) this.#state.value = stateFor(error);
      return;
    }
    await this.#watch(over.signal);
  }

  stop(): void {
    this.#over.abort();
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = undefined;
    this.#video.srcObject = null;
    this.#torch.value = null;
  }

  async light(isOn: boolean): Promise<void> {
    const track = this.#stream?.getVideoTracks()[0];
    const torch: TorchConstraints = { torch: isOn };
    try {
      await track?.applyConstraints({ advanced: [torch] });
      this.#torch.value = isOn;
    } catch {
      // A camera that says it has a light and will not switch it: the button goes away.
      this.#torch.value = null;
    }
  }

  async #show(stream: MediaStream): Promise<void> {
    this.#stream = stream;
    const [track] = stream.getVideoTracks();
    const able: TorchCapabilities = track?.getCapabilities?.() ?? {};
    this.#torch.value = able.torch ? false : null;
    track?.addEventListener("ended", () => {
      if (this.#stream === stream && document.visibilityState === "visible") void this.start();
    });
    this.#video.srcObject = stream;
    await this.#video.play();
  }

  async #watch(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      try {
        const frame = this.#frame();
        const [text] = frame ? await readCodes(frame) : [];
        if (text !== undefined && !over.aborted) this.#onCode(text);
      } catch {
        if (!over.aborted) this.#state.value = "no-reader";
        return;
      }
      await this.#wait(PAUSE_MS, over);
    }
  }

  /** The picture of this moment, reduced; null while there is none. */
  #frame(): ImageData | null {
    const { videoWidth, videoHeight } = this.#video;
    if (videoWidth === 0 || videoHeight === 0) return null;
    const scale = Math.min(1, FRAME_EDGE_MAX / Math.max(videoWidth, videoHeight));
    const width = Math.round(videoWidth * scale);
    const height = Math.round(videoHeight * scale);
    this.#canvas.width = width;
    this.#canvas.height = height;
    const pen = this.#canvas.getContext("2d", { willReadFrequently: true });
    if (pen === null) return null;
    pen.drawImage(this.#video, 0, 0, width, height);
    return pen.getImageData(0, 0, width, height);
  }
}

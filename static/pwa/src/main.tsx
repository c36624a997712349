// Where the app begins: the clock and chance of the machine, the worker, and the face for the address.
// Rule: /office is the office, /enrol joins a device, everything else is the field. Each face is
// loaded by itself, so that a tablet never fetches the office's code in order to start.

import type { ComponentType } from "preact";
import { render } from "preact";
import { version } from "../package.json";
import "./ui/look/tokens.css";
import "./ui/look/base.css";
import "./ui/look/controls.css";
import "./ui/look/instruments.css";
import { machineOf } from "./sync/machine.ts";
import { faceOf, followLinks } from "./ui/kit/address.ts";
import { Boundary } from "./ui/kit/boundary.tsx";
import type { Surroundings } from "./ui/kit/face.ts";
import { ErrorPlace } from "./ui/kit/notices.tsx";
import "./ui/kit/theme.ts";
import { keepApp } from "./ui/kit/update.ts";
import { t } from "./ui/words/kit.ts";

type Face = { readonly default: ComponentType<Surroundings> };

const machine = machineOf(window);

async function face(path: string) {
  const surroundings: Surroundings = { now: machine.now, random: machine.random };
  const of = ({ default: Face }: Face) => <Face {...surroundings} />;
  // The kit's show-case exists in development only; a production build leaves it out.
  if (import.meta.env.MODE !== "production" && path === "/gallery") {
    return of(await import("./ui/kit/gallery/index.tsx"));
  }
  if (faceOf(path) === "office") return of(await import("./ui/office/index.tsx"));
  const { default: Field } = await import("./ui/field/index.tsx");
  return <Field machine={machine} version={version} />;
}

async function start(root: HTMLElement): Promise<void> {
  const isOffice = faceOf(location.pathname) === "office";
  document.documentElement.dataset.density = isOffice ? "office" : "field";
  followLinks();
  try {
    render(<Boundary>{await face(location.pathname)}</Boundary>, root);
  } catch {
    const again = { label: t("error.again"), onClick: () => location.reload() };
    render(<ErrorPlace what={t("error.page")} safe={t("error.safe")} action={again} />, root);
  }
}

const root = document.getElementById("app");
if (root === null) throw new Error("index.html has no #app");
void start(root);
// In development the page is always the newest: no worker, nothing kept.
if (import.meta.env.PROD) void keepApp().catch(() => undefined);

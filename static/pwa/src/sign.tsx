// Where the page behind a link begins, on a customer's own phone. Rule: nothing of the app is here, no
// worker is installed and nothing is kept; the secret stands behind `#` and leaves only in a body.

import { render } from "preact";
import "./ui/look/tokens.css";
import "./ui/look/base.css";
import "./ui/look/controls.css";
import "./ui/look/instruments.css";
import { SignByLink } from "./ui/sign/index.tsx";

const root = document.getElementById("app");
if (root === null) throw new Error("sign.html has no #app");
const secret = decodeURIComponent(location.hash.slice(1));
const ask = (path: string, init: RequestInit) => fetch(path, init);
render(<SignByLink secret={secret} fetch={ask} />, root);

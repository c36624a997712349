// What is said when there is nothing, when something is still coming, and when something went wrong.
// Rule: an error says what happened, what is safe and what to do, in this order, at its place.

import { useEffect, useState } from "preact/hooks";
import { Icon } from "./icons.tsx";
import { Support } from "./support.tsx";

export type Action = { readonly label: string; readonly onClick: () => void };

/** One sentence that says why, one action. No picture. */
export function Empty({ why, action }: { why: string; action?: Action }) {
  return (
    <div class="empty">
      <p>{why}</p>
      {action && (
        <button type="button" class="btn" onClick={action.onClick}>
          {action.label}
        </button>
      )}
    </div>
  );
}

type ErrorProps = {
  /** What happened: "照片没有送出。" */
  what: string;
  /** What is safe: "照片在本机。" */
  safe: string;
  /** What to do about it. */
  action?: Action;
  /** A code for the people who help, in small type. */
  code?: string;
  /** The server's own words, for them too; folded. */
  support?: string;
};

/** Told at the place where it happened; announced to screen readers. */
export function ErrorPlace({ what, safe, action, code, support = "" }: ErrorProps) {
  return (
    <div class="wrong" role="alert">
      <Icon name="alert" size={22} />
      <div class="grow">
        <p>
          <b>{what}</b> {safe}
        </p>
        {code && <p class="note">{code}</p>}
        <Support text={support} />
      </div>
      {action && (
        <button type="button" class="btn" onClick={action.onClick}>
          {action.label}
        </button>
      )}
    </div>
  );
}

// Below this a person is not told that something is coming: the words would only flicker.
const PATIENCE_MS = 2000;

/** Rows still coming keep their height as sunken lines; after 2 s the words say what is coming. */
export function Loading({ words, rows = 3 }: { words: string; rows?: number }) {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="coming" aria-busy="true">
      <p class="note" role="status">
        {isSlow ? words : "\u00a0"}
      </p>
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} class="line" />
      ))}
    </div>
  );
}

// A page that breaks leaves words, not an empty screen.

import { render } from "preact";
import { act } from "preact/test-utils";
import { expect, test } from "vitest";
import { Boundary } from "../../src/ui/kit/boundary.tsx";

function Broken(): never {
  throw new Error("no such field");
}

test("a page that throws while drawing says what happened and offers the way on", async () => {
  const root = document.createElement("div");
  await act(() =>
    render(
      <Boundary>
        <Broken />
      </Boundary>,
      root,
    ),
  );
  expect(root.querySelector("button")).not.toBeNull();
  expect(root.textContent).toContain("no such field");
});

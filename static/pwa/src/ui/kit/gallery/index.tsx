// The kit's show-case, for development only: every part, both languages, both themes.

import { ICON_NAMES, Icon } from "../icons.tsx";

export default function Gallery() {
  return (
    <main>
      {ICON_NAMES.map((name) => (
        <Icon key={name} name={name} size={28} label={name} />
      ))}
    </main>
  );
}

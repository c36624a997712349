// The types of `schemas`' base.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

/** One text in both languages of the product. */
export interface Words {
  readonly zh: string;
  readonly en: string;
}

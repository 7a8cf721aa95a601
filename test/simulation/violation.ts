/** Something that must never be is. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

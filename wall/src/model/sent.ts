/**
 * Acknowledgements on their way to the server, so that a person can take one back before it was answered.
 *
 *   sent --answered--> taken
 *     +--undo--> unwanted --answered--> to be undone at once
 *        ^--------- acknowledged again: wanted after all
 */

export interface Sent {
  readonly id: string;
  readonly unwanted: boolean;
}

/** Newest last. */
export type SentList = readonly Sent[];

/** The list with one more; of one that is on its way already the wish to take it back is gone. */
export function withSent(sent: SentList, id: string): SentList {
  return [...sent.filter((other) => other.id !== id), { id, unwanted: false }];
}

export function isOnItsWay(sent: SentList, id: string): boolean {
  return sent.some((other) => other.id === id);
}

/** The newest wanted one is not wanted any more; the same list where there is none. */
export function takenBack(sent: SentList): SentList {
  const newest = sent.findLast((other) => !other.unwanted);
  return newest === undefined ? sent : sent.map((other) => (other === newest ? { ...other, unwanted: true } : other));
}

/** The list without one that was answered, or refused. */
export function withoutAnswered(sent: SentList, id: string): SentList {
  return sent.filter((other) => other.id !== id);
}

export function isUnwanted(sent: SentList, id: string): boolean {
  return sent.some((other) => other.id === id && other.unwanted);
}

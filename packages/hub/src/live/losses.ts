/** What is missing in a stretch of time: stored, or held with its batch. */
import type { Access, Loss } from '@kubeshark/model';
import { projectLosses } from '../access.ts';
import type { ListingSource } from './listing.ts';

/** `from`, `to`: µs since the epoch. */
export async function lossesBetween(
  { store, intake }: ListingSource,
  from: number,
  to: number,
  access: Access,
): Promise<Loss[]> {
  // Held ones first: one that is stored meanwhile is found twice, never not at all.
  const held = intake.held
    .flatMap((batch) => batch.losses)
    .filter((loss) => loss.from < to && loss.to >= from);
  const all = projectLosses([...(await store.losses(from, to, access)), ...held], access);
  return [...new Map(all.map((loss) => [JSON.stringify(loss), loss])).values()];
}

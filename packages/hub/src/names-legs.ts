/** Which filters want inner legs of calls in their list: those that ask for them, or for one entry by its id. */
import type { Filter } from '@kubeshark/kfl';
import { FieldNumber } from '@kubeshark/model';

export function namesLegs({ fields }: Filter): boolean {
  return fields.has(FieldNumber.is_leg) || fields.has(FieldNumber.call) || fields.has(FieldNumber.id);
}

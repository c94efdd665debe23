/** A hub row as filters and columns read it. One cursor for many rows. */
import { RecordRow } from '@kubeshark/dissect';
import type { RowView } from '@kubeshark/model';
import type { HubRow } from '../row.ts';

export class RowReader {
  private readonly row = new RecordRow();

  /** The view is valid until the next call. */
  at(row: HubRow): RowView {
    return this.row.at(row.record, 0, row.boot, row.context);
  }
}

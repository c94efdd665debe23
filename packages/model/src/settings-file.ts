/** The settings file of an image, as the chart writes it. */
import { z } from 'zod';

/** `read` gives the file's text. Throws words for whoever wrote the file. */
export function settingsIn<T extends z.ZodType>(
  schema: T,
  file: string,
  read: (file: string) => string,
): z.infer<T> {
  let json: unknown;
  try {
    json = JSON.parse(read(file));
  } catch (error) {
    throw new Error(`the settings ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  const settings = schema.safeParse(json);
  if (!settings.success)
    throw new Error(`the settings ${file} do not hold: ${z.prettifyError(settings.error)}`);
  return settings.data;
}

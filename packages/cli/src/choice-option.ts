/** An option with a few values, the first unless another is given. A mistyped one is answered with the one that was meant. */
import { InvalidArgumentError, Option } from 'commander';

export function choice(flags: string, description: string, values: readonly string[]): Option {
  return new Option(flags, description)
    .choices(values)
    .default(values[0])
    .argParser((given: string) => {
      if (values.includes(given)) return given;
      const meant = values.find((value) => isMeant(given.toLowerCase(), value));
      throw new InvalidArgumentError(
        `${meant === undefined ? '' : `Did you mean ${meant}? `}Allowed choices are ${values.join(', ')}.`,
      );
    });
}

/** Letters left out (`jsn`), added (`tables`) or swapped (`hra`). */
function isMeant(given: string, value: string): boolean {
  return within(given, value) || within(value, given) || sorted(given) === sorted(value);
}

const sorted = (text: string) => text.split('').toSorted().join('');

/** Two letters or more, each of them in the text, in their order. */
function within(letters: string, text: string): boolean {
  let at = -1;
  return letters.length > 1 && letters.split('').every((letter) => (at = text.indexOf(letter, at + 1)) >= 0);
}

/** The sign of an outcome as a node, for lists that are not drawn by React. */
import type { Outcome } from '@kubeshark/model';
import { OUTCOME_SHAPES } from '../components/outcome-shapes.ts';

const SVG = 'http://www.w3.org/2000/svg';

export function glyphNode(outcome: Outcome): SVGElement {
  const svg = element('svg', { class: `oc o-${outcome}`, width: '12', height: '12', viewBox: '0 0 12 12' });
  svg.setAttribute('aria-hidden', 'true');
  for (const [tag, attributes] of OUTCOME_SHAPES[outcome])
    svg.append(
      element(
        tag,
        Object.fromEntries(Object.entries(attributes).map(([name, value]) => [kebab(name), value])),
      ),
    );
  return svg;
}

function element(tag: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

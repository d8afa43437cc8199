/** Platt scaling, both labels weighing the same: a logistic regression of one number, by Newton's method. */
export function plattOf(
  odds: readonly number[],
  isBad: readonly boolean[],
): { readonly slope: number; readonly offset: number } {
  const bads = isBad.filter(Boolean).length;
  const weights = isBad.map((bad) => (bad ? 0.5 / bads : 0.5 / (isBad.length - bads)));
  let slope = 1;
  let offset = 0;
  for (let step = 0; step < 50; step++) {
    let [gs, go, hss, hso, hoo] = [0, 0, 1e-9, 0, 1e-9];
    for (const [at, value] of odds.entries()) {
      const chance = 1 / (1 + Math.exp(-(slope * value + offset)));
      const error = (chance - Number(isBad[at])) * weights[at]!;
      const bend = chance * (1 - chance) * weights[at]!;
      gs += error * value;
      go += error;
      hss += bend * value * value;
      hso += bend * value;
      hoo += bend;
    }
    const determinant = hss * hoo - hso * hso;
    slope -= (hoo * gs - hso * go) / determinant;
    offset -= (hss * go - hso * gs) / determinant;
  }
  return { slope: Number(slope.toPrecision(6)), offset: Number(offset.toPrecision(6)) };
}

/** Platt scaling, both labels weighing the same: a logistic regression of one number, by damped Newton steps. */
export function plattOf(
  odds: readonly number[],
  isBad: readonly boolean[],
): { readonly slope: number; readonly offset: number } {
  const bads = isBad.filter(Boolean).length;
  const weights = isBad.map((bad) => (bad ? 0.5 / bads : 0.5 / (isBad.length - bads)));
  const lossOf = (slope: number, offset: number): number => {
    let loss = 0;
    for (const [at, value] of odds.entries()) {
      const margin = (isBad[at] === true ? 1 : -1) * (slope * value + offset);
      loss += weights[at]! * (margin > 30 ? 0 : margin < -30 ? -margin : Math.log1p(Math.exp(-margin)));
    }
    return loss;
  };
  let [slope, offset] = [1, 0];
  let loss = lossOf(slope, offset);
  for (let step = 0; step < STEPS_MAX; step++) {
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
    const [stepSlope, stepOffset] = [
      (hoo * gs - hso * go) / determinant,
      (hss * go - hso * gs) / determinant,
    ];
    // A whole step may go too far where the curve is flat.
    let share = 1;
    while (share > 1e-6 && !(lossOf(slope - share * stepSlope, offset - share * stepOffset) < loss))
      share /= 2;
    if (share <= 1e-6) break;
    slope -= share * stepSlope;
    offset -= share * stepOffset;
    loss = lossOf(slope, offset);
  }
  return { slope: Number(slope.toPrecision(6)), offset: Number(offset.toPrecision(6)) };
}

const STEPS_MAX = 50;

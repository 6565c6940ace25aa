/**
 * How much of an outcome's variance goes with each of several variables that go together themselves: Johnson's relative
 * weights (2000). `columns` holds each variable's values, all as long as `outcome`. The weights add up to `explained`, the
 * share of the variance (R²) that all explain together. Variables that never change weigh nothing.
 */
export function relativeWeights(columns: readonly Float64Array[], outcome: Float64Array) {
  const kept = columns.map(standardised);
  const y = standardised(outcome);
  const used = kept.flatMap((column, index) => (column ? [index] : []));
  const weights = new Array<number>(columns.length).fill(0);
  if (!y || used.length === 0) return { weights, explained: 0 };
  const n = outcome.length;
  const correlation = (a: Float64Array, b: Float64Array) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += a[i]! * b[i]!;
    return sum / n;
  };
  const R = used.map((i) => used.map((j) => (i === j ? 1 : correlation(kept[i]!, kept[j]!))));
  const r = used.map((i) => correlation(kept[i]!, y));
  const { values, vectors } = eigen(R);
  const k = used.length;
  // Λ = Q √D Qᵀ: how the variables are made of uncorrelated ones that are as near to them as can be.
  const root = values.map((value) => Math.sqrt(Math.max(0, value)));
  const made = (power: (index: number) => number) => (i: number, j: number) => {
    let sum = 0;
    for (let m = 0; m < k; m++) sum += vectors[i]![m]! * power(m) * vectors[j]![m]!;
    return sum;
  };
  const lambda = made((m) => root[m]!);
  // Directions in which nothing varies are left out.
  const inverse = made((m) => (values[m]! > 1e-9 ? 1 / root[m]! : 0));
  const beta = used.map((_, i) => used.reduce((sum, _one, j) => sum + inverse(i, j) * r[j]!, 0));
  used.forEach((column, i) => {
    let weight = 0;
    for (let j = 0; j < k; j++) weight += lambda(i, j) ** 2 * beta[j]! ** 2;
    weights[column] = weight;
  });
  return {
    weights,
    explained: Math.min(
      1,
      beta.reduce((sum, one) => sum + one * one, 0),
    ),
  };
}

/** With mean 0 and variance 1; null where it never changes. */
function standardised(values: Float64Array): Float64Array | null {
  const n = values.length;
  if (n < 2) return null;
  let [sum, squares] = [0, 0];
  for (const value of values) sum += value;
  const mean = sum / n;
  for (const value of values) squares += (value - mean) ** 2;
  const deviation = Math.sqrt(squares / n);
  if (deviation < 1e-12) return null;
  return values.map((value) => (value - mean) / deviation);
}

const SWEEPS = 60;

/** Eigenvalues and eigenvectors (columns) of a symmetric matrix, by Jacobi's rotations. */
export function eigen(matrix: readonly (readonly number[])[]): { values: number[]; vectors: number[][] } {
  const n = matrix.length;
  const a = matrix.map((row) => [...row]);
  const v: number[][] = a.map((_, i) => a.map((_row, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let off = 0;
    for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) off += a[i]![j]! ** 2;
    if (off < 1e-22) break;
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p]![q]!) < 1e-15) continue;
        const theta = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        for (let k = 0; k < n; k++) {
          const [x, y] = [a[k]![p]!, a[k]![q]!];
          a[k]![p] = c * x - s * y;
          a[k]![q] = s * x + c * y;
        }
        for (let k = 0; k < n; k++) {
          const [x, y] = [a[p]![k]!, a[q]![k]!];
          a[p]![k] = c * x - s * y;
          a[q]![k] = s * x + c * y;
        }
        for (let k = 0; k < n; k++) {
          const [x, y] = [v[k]![p]!, v[k]![q]!];
          v[k]![p] = c * x - s * y;
          v[k]![q] = s * x + c * y;
        }
      }
  }
  return { values: a.map((row, i) => row[i]!), vectors: v };
}

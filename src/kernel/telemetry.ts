/** One metric, declared by the module that counts it. Undeclared names throw. */
export interface MetricDeclaration {
  /** Prometheus name with unit and `_total` where due, without the prefix `sallyport_`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels?: readonly string[];
  /** Upper bounds of a histogram, ascending, in the unit of the name. */
  readonly buckets?: readonly number[];
}

export interface Counter {
  add(count?: number): void;
}

export interface Gauge {
  add(count: number): void;
  set(value: number): void;
}

export interface Histogram {
  observe(value: number): void;
}

/**
 * Hands out the slots that code counts in. Ask once, at start or configuration load, and keep what
 * you get: counting itself is one addition and never looks a name up.
 */
export interface Metrics {
  counter(name: string, ...labelValues: readonly string[]): Counter;
  gauge(name: string, ...labelValues: readonly string[]): Gauge;
  histogram(name: string, ...labelValues: readonly string[]): Histogram;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type LogFields = Readonly<Record<string, unknown>>;

/** The application log. Events are lower-case words with dots: `edge.ready`. Secrets never come in here. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

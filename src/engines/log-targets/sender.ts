/** How lines reach a receiver. */
export interface Sender {
  /** Resolves when they are handed over. Rejects when they may not have arrived; the sender is then of no more use. */
  send(messages: readonly string[]): Promise<void>;
  /** Told once when the connection breaks between two sends. */
  onBreak(listener: (reason: string) => void): void;
  close(): void;
  /**
   * True: a resolved `send` means that the receiver has them (HTTP answer, local file). False: the protocol has no
   * acknowledgment, so what was sent shortly before a break is sent again.
   */
  readonly acknowledges: boolean;
}

export interface SenderLimits {
  readonly connectMs: number;
  /** Without progress. */
  readonly idleMs: number;
  readonly messageBytesMax: number;
}

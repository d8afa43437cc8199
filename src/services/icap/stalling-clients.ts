const CLIENTS_MAX = 1000;

/** Addresses of clients that are better answered early. The oldest make room for new ones. */
export class StallingClients {
  readonly #addresses = new Set<string>();

  has(address: string): boolean {
    return this.#addresses.size > 0 && this.#addresses.has(address);
  }

  add(address: string): void {
    this.#addresses.delete(address);
    this.#addresses.add(address);
    if (this.#addresses.size <= CLIENTS_MAX) return;
    for (const oldest of this.#addresses) {
      this.#addresses.delete(oldest);
      return;
    }
  }
}

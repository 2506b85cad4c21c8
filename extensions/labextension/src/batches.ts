/** A bounded queue of numbered events that are sent in batches; pure but for the function that sends. */

export interface BrowserEvent {
  /** Rising by one for each event of a page, from 1: a gap means that events were dropped. */
  readonly n: number;
  readonly name: string;
  /** Milliseconds since the epoch by the page's clock. */
  readonly at: number;
  readonly [detail: string]: unknown;
}

export type Send = (events: readonly BrowserEvent[]) => Promise<boolean>;

export class Batches {
  private waiting: BrowserEvent[] = [];
  private last = 0;
  private sending = false;
  private readonly send: Send;
  private readonly now: () => number;
  private readonly maxWaiting: number;
  private readonly maxBatch: number;

  constructor(send: Send, now: () => number, maxWaiting = 1000, maxBatch = 100) {
    this.send = send;
    this.now = now;
    this.maxWaiting = maxWaiting;
    this.maxBatch = maxBatch;
  }

  /** Adds an event; the oldest one goes when the queue is full. */
  add(name: string, detail: Readonly<Record<string, unknown>> = {}): void {
    this.last += 1;
    this.waiting.push({ ...detail, n: this.last, name, at: this.now() });
    if (this.waiting.length > this.maxWaiting) {
      this.waiting.shift();
    }
  }

  /** Sends one batch unless one is on its way; what is not accepted stays for the next time. */
  async flush(): Promise<void> {
    const batch = this.waiting.slice(0, this.maxBatch);
    const last = batch.at(-1);
    if (this.sending || last === undefined) {
      return;
    }
    this.sending = true;
    try {
      if (await this.send(batch)) {
        this.waiting = this.waiting.filter((event) => event.n > last.n);
      }
    } finally {
      this.sending = false;
    }
  }

  /** What has not been accepted yet, oldest first. */
  get unsent(): readonly BrowserEvent[] {
    return this.waiting;
  }
}

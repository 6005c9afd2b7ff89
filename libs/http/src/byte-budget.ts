// One budget for the bytes of all answers that are under way, from the first that arrives until what was made of it is
// written. Who would exceed it waits, and its connection with it; the one that waits longest goes on nevertheless, so that
// there is always one that comes to its end. So what is held is at most the budget and one answer.

export interface ByteBudget {
  /** Bytes held. */
  readonly held: number;
  open(): ByteLease;
}

export interface ByteLease {
  /** Undefined when they may be taken at once, else resolved when they may. */
  take(bytes: number): Promise<void> | undefined;
  /** Gives all of them back; again, nothing. */
  release(): void;
}

export function createByteBudget(limit: number): ByteBudget {
  let held = 0;
  /** In the order in which they opened. */
  const leases = new Set<{ wake: (() => void) | undefined; bytes: number }>();

  function wakeOthers(): void {
    for (const lease of leases) {
      if (!lease.wake) continue;
      if (held + lease.bytes > limit && !isEldest(lease)) return;
      lease.wake();
    }
  }
  /** Of those that hold or want bytes. */
  const isEldest = (lease: object): boolean => leases.values().next().value === lease;

  return {
    get held() {
      return held;
    },
    open() {
      const lease: { wake: (() => void) | undefined; bytes: number } = { wake: undefined, bytes: 0 };
      let taken = 0;
      const grant = (bytes: number): void => {
        taken += bytes;
        held += bytes;
        lease.bytes = 0;
        lease.wake = undefined;
      };
      return {
        take(bytes) {
          leases.add(lease);
          if (held + bytes <= limit || isEldest(lease)) return void grant(bytes);
          lease.bytes = bytes;
          return new Promise((resolve) => {
            lease.wake = () => {
              grant(bytes);
              resolve();
            };
          });
        },
        release() {
          held -= taken;
          taken = 0;
          leases.delete(lease);
          lease.wake?.();
          held -= taken;
          taken = 0;
          wakeOthers();
        },
      };
    },
  };
}

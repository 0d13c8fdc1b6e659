const told = new Set<string>();

/** Node ends the process for an error in a subscriber; a measurement that fails shall cost the measurement. */
export const safely =
  <M>(name: string, watcher: (message: M) => void) =>
  (message: M): void => {
    try {
      watcher(message);
    } catch (error) {
      if (told.has(name)) return;
      told.add(name);
      const reason = error instanceof Error ? error.message : String(error);
      process.emitWarning(`What ${name} tells could not be measured: ${reason}`);
    }
  };

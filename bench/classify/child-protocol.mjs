/**
 * The child's side of `startLoopChild`: answers the parent's requests one by one and ends with it.
 *
 * @param {Record<string, (argument: any) => unknown>} operations
 */
export const answerParent = (operations) => {
  process.on('message', async ({ id, operation, argument }) => {
    try {
      process.send({ id, value: await operations[operation](argument) });
    } catch (error) {
      process.send({ id, error: String(error?.stack ?? error) });
    }
  });
  // Not exit(): it would run into a session that is busy on another thread.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
};

/**
 * The only module that reads arguments and environment, and the only one that ends the process. Forked
 * children come in here too and load nothing but their role.
 */
const ADMIN_PASSWORD = 'SALLYPORT_ADMIN_PASSWORD';
/** Set by `bin/sallyport.mjs` when it had to start another Node: when the command began. */
const STARTED_AT = 'SALLYPORT_STARTED_AT';

process.on('unhandledRejection', bug);
process.on('uncaughtException', bug);
const role =
  process.send === undefined || process.argv.length !== 3
    ? undefined
    : /^--role=(control|edge|admin)$/.exec(process.argv[2] ?? '')?.[1];
end(role === undefined ? await runCommandLine() : await runRole(role));

async function runRole(name: string): Promise<number> {
  process.title = `sallyport ${name}`;
  const { forkedChild } = await import('./app/child-seam.io.ts');
  if (name === 'edge') return (await import('./app/edge/process.io.ts')).runEdge(forkedChild(process.pid));
  if (name === 'admin') return (await import('./app/admin/process.io.ts')).runAdmin(forkedChild(process.pid));
  return (await import('./app/control/process.io.ts')).runControl(forkedChild(process.pid));
}

async function runCommandLine(): Promise<number> {
  const argv = process.argv.slice(2);
  const [{ processOutput, runCli }, { createLocal }] = await Promise.all([
    import('./cli/index.ts'),
    import('./app/index.ts'),
  ]);
  const stdout = processOutput(process.stdout);
  const env: Record<string, string | undefined> = { ...process.env };
  const startedAtMs = Number(env[STARTED_AT] ?? performance.timeOrigin);
  const adminPassword = env[ADMIN_PASSWORD];
  delete env[ADMIN_PASSWORD];
  delete env[STARTED_AT];
  const local = createLocal({
    entry: import.meta.filename,
    pid: process.pid,
    env,
    adminPassword,
    startedAtMs,
    terminal: stdout.isTerminal,
    now: () => performance.timeOrigin + performance.now(),
  });
  return runCli({
    argv,
    env,
    cwd: process.cwd(),
    stdout,
    stderr: processOutput(process.stderr),
    clock: local.clock,
    commands: (words) => local.commands(words),
    askGateway: (request, progress) => local.ask(request, progress),
    openLocal: (command, globals, announce) => local.open(command, globals, announce),
  });
}

/** What is written to a pipe may still be on its way: the process ends by itself when it is out. */
function end(code: number): void {
  process.exitCode = code;
  if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
  process.stdout.write('', () => process.stderr.write('', () => process.exit()));
}

/** A state that nobody thought of: the supervisor, or the machine's, starts us again from a known one. */
function bug(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `${JSON.stringify({ level: 'error', event: 'process.bug', pid: process.pid, error: text })}\n`,
  );
  process.exit(1);
}

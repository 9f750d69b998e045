import { registerHooks } from 'node:module';

/** To be imported before a program: it says which modules of OpenTelemetry are loaded. The API alone is prom-client's. */
registerHooks({
  load(url, context, next) {
    if (/@opentelemetry\/(?!api\/)/.test(url)) process.stderr.write(`loads ${url}\n`);
    return next(url, context);
  },
});

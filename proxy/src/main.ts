/** The front door: config, connect, build, run; with several workers, this process keeps them. */
import { configOrExit } from '@quits/kit/config'
import { makeGrpcClient } from '@quits/kit/grpc'
import { makeLog } from '@quits/kit/log'
import { runProcess } from '@quits/kit/run'
import { throttlerContract } from '@quits/proto/grpc'
import { makeApp } from './app.ts'
import { readConfig } from './config.ts'
import { isWorker, keepsWorkers, makeWorkers, reportToKeeper } from './workers.ts'

const config = configOrExit(() => readConfig(process.env))
const log = makeLog({ service: 'proxy', level: config.LOG_LEVEL })
if (keepsWorkers(config)) {
  const { parts, health } = makeWorkers({ config, log })
  // The workers do the draining; this process waits for them.
  await runProcess({ parts, health, log, drainMs: 0 })
}
const throttler = makeGrpcClient({ contract: throttlerContract, address: config.THROTTLER_ADDRESS })
const { parts, health, http, internal, metrics } = makeApp({ config, log, throttler })
reportToKeeper(http.listening, metrics)
await runProcess({
  parts: isWorker() ? parts : [internal, ...parts],
  health,
  log,
  drainMs: config.DRAIN_MS,
})

/** The front door: config, connect, build, run. */
import { configOrExit } from '@quits/kit/config'
import { makeGrpcClient } from '@quits/kit/grpc'
import { makeLog } from '@quits/kit/log'
import { runProcess } from '@quits/kit/run'
import { throttlerContract } from '@quits/proto/grpc'
import { makeApp } from './app.ts'
import { readConfig } from './config.ts'

const config = configOrExit(() => readConfig(process.env))
const log = makeLog({ service: 'proxy', level: config.LOG_LEVEL })
const throttler = makeGrpcClient({ contract: throttlerContract, address: config.THROTTLER_ADDRESS })
const { parts, health } = makeApp({ config, log, throttler })
await runProcess({ parts, health, log, drainMs: config.DRAIN_MS })

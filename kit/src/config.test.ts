import { expect, test } from 'vitest'
import { z } from 'zod'
import { address, commonConfig, parseConfig, port } from './config.ts'

const shape = {
  ...commonConfig,
  HTTP_PORT: port,
  IDENTITY_ADDRESS: address,
  TOKEN: z.string().min(9),
}
const good = {
  METRICS_PORT: '9000',
  HTTP_PORT: '8080',
  IDENTITY_ADDRESS: 'localhost:7000',
  TOKEN: 'long enough',
}

test('reads numbers and fills defaults', () => {
  expect(parseConfig(good, shape)).toMatchObject({
    HTTP_PORT: 8080,
    NODE_ENV: 'production',
    LOG_LEVEL: 'info',
    BROKER_PREFIX: 'quits',
  })
})

test('names every fault at once and repeats no value', () => {
  const bad = { ...good, HTTP_PORT: '99999', TOKEN: 'secret', METRICS_PORT: '' }
  expect(() => parseConfig(bad, shape)).toThrowError(
    /METRICS_PORT: is missing[^]*HTTP_PORT[^]*TOKEN|HTTP_PORT[^]*TOKEN/,
  )
  expect(() => parseConfig(bad, shape)).toThrowError(/METRICS_PORT: is missing/)
  expect(() => parseConfig(bad, shape)).not.toThrowError(/secret/)
})

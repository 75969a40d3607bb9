import { afterEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { address, commonConfig, ConfigError, configOrExit, parseConfig, port } from './config.ts'

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

afterEach(() => {
  vi.restoreAllMocks()
})

test('main goes on with a usable configuration, and ends with the faults of any other', () => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const exit = vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`exit ${code}`)
  })
  expect(configOrExit(() => parseConfig(good, shape).HTTP_PORT)).toBe(8080)
  expect(exit).not.toHaveBeenCalled()
  expect(() => configOrExit(() => parseConfig({}, shape))).toThrowError('exit 1')
  expect(said.mock.calls[0]?.[0]).toMatch(/METRICS_PORT: is missing[^]*\n$/)

  class PolicyError extends ConfigError {}
  const faulty = (error: Error) => () =>
    configOrExit(() => {
      throw error
    })
  expect(faulty(new PolicyError('no policy'))).toThrowError('exit 1')
  // What is no fault of the configuration keeps its stack.
  expect(faulty(new Error('a bug'))).toThrowError('a bug')
})

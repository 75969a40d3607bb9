import { useMutation } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { Link, Redirect, useLocation } from 'wouter'
import type { SessionAnswer } from '../api/shapes.ts'
import { useApp } from '../app-context.ts'
import { fill, t } from '../messages/say.ts'
import { AuthCard } from '../parts/auth-card.tsx'
import { Button, buttonClass } from '../parts/button.tsx'
import { Field } from '../parts/field.tsx'
import { Outcome } from '../parts/states.tsx'
import { readReturn } from './return-to.ts'
import { forgetWaitingCode, keepWaitingCode, readWaitingCode } from './waiting-code.ts'

const digitsOf = (typed: string) => typed.replaceAll(/\D/g, '').slice(0, 8)

export const Code = () => {
  const { quits, session } = useApp()
  const [, navigate] = useLocation()
  const [waiting, setWaiting] = useState(readWaitingCode)
  const [code, setCode] = useState('')
  const [isShort, setShort] = useState(false)

  const verify = useMutation({
    mutationFn: (body: { email: string; nonce: string; code: string }) => quits.verifyCode(body),
    onSuccess: (answer: SessionAnswer) => {
      forgetWaitingCode()
      session.open(answer)
      navigate(readReturn(), { replace: true })
    },
  })
  const again = useMutation({
    mutationFn: (email: string) => quits.askCode(email),
    onSuccess: ({ nonce }, email) => {
      keepWaitingCode({ email, nonce })
      setWaiting({ email, nonce })
      setCode('')
      verify.reset()
    },
  })

  if (waiting === undefined) return <Redirect to="/sign-in" replace />
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    setShort(code.length !== 8)
    if (code.length === 8 && !verify.isPending) verify.mutate({ ...waiting, code })
  }

  return (
    <AuthCard title={t.code.title}>
      <form onSubmit={submit} noValidate className="flex flex-col gap-5">
        <p className="text-ink-2">{fill(t.code.sent, { email: waiting.email })}</p>
        <Field
          label={t.code.label}
          fault={isShort ? t.code.short : undefined}
          value={code}
          onChange={(event) => {
            setCode(digitsOf(event.target.value))
            setShort(false)
          }}
          inputMode="numeric"
          autoComplete="one-time-code"
          className="money text-center text-title! tracking-[0.25em]"
          required
        />
        <Outcome error={verify.error ?? again.error} />
        <p role="status" className="text-small text-ink-2 empty:hidden">
          {again.isSuccess ? t.code.sentAgain : ''}
        </p>
        <Button type="submit" busy={verify.isPending}>
          {t.code.submit}
        </Button>
      </form>
      <div className="flex flex-wrap gap-x-4">
        <Button look="bare" busy={again.isPending} onClick={() => again.mutate(waiting.email)}>
          {t.code.again}
        </Button>
        <Link href="/sign-in" className={buttonClass('bare')}>
          {t.code.change}
        </Link>
      </div>
    </AuthCard>
  )
}

import { useMutation } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { codeOf } from '../api/problem.ts'
import { useApp } from '../app-context.ts'
import { t } from '../messages/say.ts'
import { AuthCard } from '../parts/auth-card.tsx'
import { Button, buttonClass } from '../parts/button.tsx'
import { Choices, Field } from '../parts/field.tsx'
import { Outcome } from '../parts/states.tsx'
import { keepWaitingCode } from './waiting-code.ts'

const ways = [
  { value: 'code', label: t.signIn.byCode },
  { value: 'password', label: t.signIn.byPassword },
] as const

export const SignIn = () => {
  const { quits, session } = useApp()
  const [, navigate] = useLocation()
  const [way, setWay] = useState<'code' | 'password'>('code')
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')

  const askCode = useMutation({
    mutationFn: () => quits.askCode(email.trim()),
    onSuccess: ({ nonce }) => {
      keepWaitingCode({ email: email.trim(), nonce })
      navigate('/code')
    },
  })
  const logIn = useMutation({
    mutationFn: () => quits.logIn({ email: email.trim(), password }),
    onSuccess: (answer) => session.open(answer),
    onError: (error) => {
      // The right password of a sign-up whose code was never entered: go and enter one.
      if (codeOf(error) === 'account_not_activated') askCode.mutate()
    },
  })
  const current = way === 'code' ? askCode : logIn
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (!current.isPending) current.mutate()
  }

  return (
    <AuthCard title={t.signIn.title}>
      <form onSubmit={submit} className="flex flex-col gap-5">
        <Choices
          label={t.signIn.way}
          name="way"
          value={way}
          options={ways}
          onChange={(next) => setWay(next)}
        />
        <Field
          label={t.signIn.email}
          type="email"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          autoComplete={way === 'password' ? 'username' : 'email'}
          maxLength={254}
          required
        />
        {way === 'password' && (
          <Field
            label={t.signIn.password}
            type="password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            autoComplete="current-password"
            maxLength={128}
            required
          />
        )}
        <Outcome error={current.error} />
        <Button type="submit" busy={current.isPending}>
          {way === 'code' ? t.signIn.submitCode : t.signIn.submitPassword}
        </Button>
      </form>
      <p className="flex flex-wrap items-center gap-x-2 text-ink-2">
        {t.signIn.other}
        <Link href="/sign-up" className={buttonClass('bare')}>
          {t.signIn.signUp}
        </Link>
      </p>
    </AuthCard>
  )
}

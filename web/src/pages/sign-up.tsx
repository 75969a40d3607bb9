import { useMutation } from '@tanstack/react-query'
import { type SubmitEvent, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { useApp } from '../app-context.ts'
import { limits } from '../limits.ts'
import { t } from '../messages/say.ts'
import { AuthCard } from '../parts/auth-card.tsx'
import { Button, buttonClass } from '../parts/button.tsx'
import { Field, WordsField } from '../parts/field.tsx'
import { Outcome } from '../parts/states.tsx'
import { stopAtFault } from '../parts/stop-at-fault.ts'
import { keepWaitingCode } from './waiting-code.ts'

export const SignUp = () => {
  const { quits } = useApp()
  const [, navigate] = useLocation()
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const signUp = useMutation({
    mutationFn: () =>
      quits.signUp({
        name: name.trim(),
        email: email.trim(),
        locale: navigator.language.toLowerCase().startsWith('en') ? navigator.language : 'en',
        ...(password === '' ? {} : { password }),
      }),
    onSuccess: ({ nonce }) => {
      keepWaitingCode({ email: email.trim(), nonce })
      navigate('/code')
    },
  })
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (!signUp.isPending && !stopAtFault(event.currentTarget)) signUp.mutate()
  }

  return (
    <AuthCard title={t.signUp.title}>
      <form onSubmit={submit} className="flex flex-col gap-5">
        <WordsField
          label={t.signUp.name}
          hint={t.signUp.nameHint}
          value={name}
          onChange={(event) => setName(event.target.value)}
          lengthMax={limits.nameLengthMax}
          autoComplete="name"
          required
        />
        <Field
          label={t.signUp.email}
          hint={t.signUp.emailHint}
          type="email"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          autoComplete="email"
          maxLength={254}
          required
        />
        <Field
          label={t.signUp.password}
          hint={t.signUp.passwordHint}
          type="password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          autoComplete="new-password"
          minLength={8}
          maxLength={128}
        />
        <Outcome error={signUp.error} />
        <Button type="submit" busy={signUp.isPending}>
          {t.signUp.submit}
        </Button>
      </form>
      <p className="flex flex-wrap items-center gap-x-2 text-ink-2">
        {t.signUp.other}
        <Link href="/sign-in" className={buttonClass('bare')}>
          {t.signUp.signIn}
        </Link>
      </p>
    </AuthCard>
  )
}

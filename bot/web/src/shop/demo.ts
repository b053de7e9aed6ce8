import { requestJson } from '../lib/errors';

export interface DemoCustomer {
  id: string;
  name: string;
}

/** Customers one may sign in as; empty where the service offers no demonstration sign-in. */
export async function demoCustomers(): Promise<DemoCustomer[]> {
  try {
    const list = await requestJson('/demo/customers');
    return Array.isArray(list) ? (list as DemoCustomer[]) : [];
  } catch {
    return [];
  }
}

/** Sign in as a customer: the token that an embedding site would give to the widget. */
export async function demoSignIn(customer: string): Promise<string> {
  const answer = (await requestJson('/demo/sign-in', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ customer }),
  })) as { token: string };
  return answer.token;
}

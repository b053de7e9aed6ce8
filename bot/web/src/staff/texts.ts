import type { Language } from '../lib/types';

const en = {
  desk: 'Desk',
  studio: 'Studio',
  language: '中文',
  signOut: 'Sign out',
  signIn: 'Sign in',
  signInTitle: 'Good to see you',
  signInMore: 'Sign in to the {place}.',
  username: 'User name',
  displayName: 'Name that customers see',
  password: 'Password',
  passwordNew: 'Password (at least 10 characters)',
  setupTitle: 'Set up Frontdesk',
  setupMore:
    'You are the first here. Enter the one-time code printed in the terminal where the service was started, and make the account of the administrator.',
  setupCode: 'Set-up code',
  setup: 'Create the administrator',
  working: 'One moment…',
  wrongLogin: 'User name or password is not right.',
  offline: 'The service cannot be reached. Please try again.',
  noRight: 'Your account may use the desk only. Ask an administrator for the operator role.',
  toDesk: 'Go to the desk',
  loading: 'Loading…',
  retry: 'Try again',
  cancel: 'Cancel',
};

export type StaffTexts = typeof en;

const zh: StaffTexts = {
  desk: '客服台',
  studio: '工作室',
  language: 'English',
  signOut: '退出登录',
  signIn: '登录',
  signInTitle: '欢迎回来',
  signInMore: '登录{place}。',
  username: '用户名',
  displayName: '客户看到的称呼',
  password: '密码',
  passwordNew: '密码（至少 10 个字符）',
  setupTitle: '初始设置',
  setupMore: '您是第一位使用者。请输入启动服务时终端里显示的一次性代码，并创建管理员账号。',
  setupCode: '初始设置代码',
  setup: '创建管理员',
  working: '请稍候…',
  wrongLogin: '用户名或密码不正确。',
  offline: '无法连接服务，请重试。',
  noRight: '您的账号只能使用客服台，如需进入工作室请联系管理员开通运营权限。',
  toDesk: '前往客服台',
  loading: '加载中…',
  retry: '重试',
  cancel: '取消',
};

export const staffTexts: Record<Language, StaffTexts> = { en, zh };

import { chromium } from 'playwright-core';
import fs from 'node:fs';
const out = fs.readFileSync('/tmp/shot.out','utf8'); const base='http://127.0.0.1:18120';
const acc = Object.fromEntries(out.split('\n').filter(l=>l.startsWith('sign-in:')).map(l=>{const [,u,p,r]=l.split(' ');return [r,{u,p}]}));
const b = await chromium.launch({executablePath:'/usr/bin/chromium',args:['--headless','--no-sandbox','--disable-gpu','--disable-quic','--no-first-run','--disable-background-networking','--disable-component-update','--disable-sync']});
export const run = async (role, {width=1440,height=900,dark=false}, f) => {
  const ctx = await b.newContext({viewport:{width,height},colorScheme:dark?'dark':'light',deviceScaleFactor:1});
  const page = await ctx.newPage();
  await page.goto(base+'/sign-in'); await page.fill('[name=username]',acc[role].u); await page.fill('[name=password]',acc[role].p);
  await Promise.all([page.waitForURL(u=>!u.pathname.startsWith('/sign-in')), page.keyboard.press('Enter')]);
  await f(page); await ctx.close();
};
const shot = async (page, name, full=false) => page.screenshot({path:`/tmp/shots/${name}.png`, fullPage: full});
fs.mkdirSync('/tmp/shots',{recursive:true});
const T = out.match(/api-token: (\S+)/)[1];
const api = async p => (await fetch(base+'/fhir/'+p,{headers:{authorization:'Bearer '+T}})).json();
// a patient with many results and an allergy
const al = await api('AllergyIntolerance?clinical-status=active&criticality=high&_count=200&_include=AllergyIntolerance:patient');
let best=null,n=0;
for (const e of al.entry.filter(e=>e.resource.resourceType==='Patient').slice(0,60)) { const t=await api(`Observation?patient=${e.resource.id}&_summary=count&category=laboratory`); const c=await api(`Condition?patient=${e.resource.id}&_summary=count`); const v=(t.total||0)+(c.total||0)*5; if(!e.resource.deceasedDateTime && e.resource.birthDate<'1975' && v>n){n=v;best=e.resource;} }
console.log(best.id, n);
fs.writeFileSync('/tmp/shots/best',best.id);
const P=`${base}/patients/${best.id}`;
await run('clinician',{},async page=>{ await page.goto(P); await shot(page,'summary'); await page.goto(P+'/results'); await shot(page,'results'); await page.goto(P+'/medicines'); await shot(page,'medicines'); await page.goto(P+'/documents'); await shot(page,'documents'); await page.goto(P+'/timeline'); await shot(page,'timeline'); await page.goto(base+'/'); await shot(page,'home'); await page.keyboard.press('Control+k'); await page.keyboard.type('smi'); await page.waitForSelector('[role=option]'); await page.waitForTimeout(500); await shot(page,'palette');});
await run('clinician',{dark:true},async page=>{ await page.goto(P); await shot(page,'summary-dark'); await page.goto(P+'/results'); await shot(page,'results-dark');});
await run('clinician',{width:390,height:844},async page=>{ await page.goto(P); await shot(page,'summary-phone'); await page.goto(P+'/results'); await shot(page,'results-phone');await page.goto(P+'/medicines'); await shot(page,'medicines-phone'); });
await run('manager',{},async page=>{ await page.goto(base+'/users'); await shot(page,'users'); await page.goto(base+'/tokens'); await shot(page,'tokens'); await page.goto(base+'/settings'); await shot(page,'settings');});
await run('privacy-officer',{},async page=>{ await page.goto(base+'/audit'); await shot(page,'audit');});
await run('front-desk',{},async page=>{ await page.goto(base+'/patients/new'); await shot(page,'register'); await page.goto(P); await shot(page,'desk-chart'); await page.goto(P+'/documents/new'); await shot(page,'file');});
await b.close();

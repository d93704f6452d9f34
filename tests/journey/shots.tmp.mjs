import { launch, open, sizes, assertAccessible, assertFits, assertTargets, assertQuiet } from './support/browser.mjs';
import fs from 'node:fs';
const base='http://127.0.0.1:18082';
const lines=fs.readFileSync('/tmp/access-demo.out','utf8').split('\n');
const who=Object.fromEntries(lines.filter(l=>l.startsWith('sign-in: ')).map(l=>{const [, u,p,r]=l.split(' ');return [r,[u,p]]}));
const token=lines.find(l=>l.startsWith('api-token: ')).slice(11);
const fhir=async(p,o={})=>(await fetch(base+'/fhir/'+p,{...o,headers:{authorization:'Bearer '+token,'content-type':'application/fhir+json',...(o.headers??{})}})).json();
const pts=(await fhir('Patient?_count=30')).entry.map(e=>e.resource);
const docs=(await fhir('DocumentReference?category=urn:chartroom:document-class|administrative&_count=5')).entry?.map(e=>e.resource)??[];
const pid=docs[0]?docs[0].subject.reference.split('/')[1]:pts[0].id;
// restricted + test + deceased marks
for (const [i,code] of [[0,'R'],[1,'HTEST']].values()) { const p=pts[i]; if(p.meta.security) continue; p.meta.security=[{system:'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',code}]; if(i===0){p.deceasedBoolean=true; p.meta.security.push({code:'HTEST'});} const r=await fhir('Patient/'+p.id,{method:'PUT',body:JSON.stringify(p),headers:{'if-match':`W/"${p.meta.versionId}"`}}); if(r.resourceType!=='Patient') console.log(JSON.stringify(r).slice(0,300)); }
const browser=await launch();
const problems=[];
for (const [sname,size] of [['desk',{width:1440,height:900}],['phone',{width:390,height:844}]]) for (const theme of ['light','dark']) {
  for (const role of ['front-desk','manager','privacy-officer','clinician']) {
    const ctx=await browser.newContext({viewport:size,colorScheme:theme}); const page=await open(ctx);
    await page.goto(base+'/sign-in'); const [u,p]=who[role]; await page.fill('#username',u); await page.fill('#password',p); await page.click('button.primary'); await page.waitForURL(base+'/');
    const shot=async(name)=>{ await page.screenshot({path:`/tmp/access-shots/${name}-${sname}-${theme}.png`,fullPage:true}); for (const check of [assertAccessible,assertFits,assertTargets,assertQuiet]) try{await check(page,name)}catch(e){problems.push(`${name} ${sname} ${theme}: ${e.message.slice(0,600)}`)} };
    if(role==='front-desk'){ await page.goto(`${base}/patients/${pid}/documents`); await shot('desk-docs'); await page.goto(`${base}/patients/${pid}/documents/new`); await shot('filing');
      await page.selectOption('#kind','consent'); await page.setInputFiles('#file',{name:'x.png',mimeType:'image/png',buffer:Buffer.from('<html>')}); await page.click('main button.primary'); await page.waitForLoadState(); await shot('filing-errors');
      if(docs[0]){ await page.goto(`${base}/patients/${pid}/documents/${docs[0].id}`); await shot('desk-doc'); }
      await page.goto(base+'/'); await page.keyboard.press('Control+k'); await page.fill('#palette-input',pts[0].name[0].family); await page.waitForSelector('#palette-list [role=option]'); await shot('palette');
      await page.goto(base+'/search'); await page.fill('#q',pts[0].name[0].family); await page.click('main button.primary'); await page.waitForLoadState(); await shot('search');
      await page.goto(base+'/'); for (const t of ['la','ma']) { await page.keyboard.press('Control+k'); await page.fill('#palette-input',t); await page.waitForTimeout(600); await page.keyboard.press('Escape'); }
    }
    if(role==='manager'){ await page.goto(base+'/tokens'); await shot('tokens'); await page.click('summary:has-text("type by type")'); await shot('tokens-table'); await page.goto(base+'/users/new'); await shot('user-new'); await page.goto(base+'/settings'); await shot('settings'); await page.goto(base+'/users'); await page.click('tbody a'); await page.waitForLoadState(); await shot('user'); }
    if(role==='privacy-officer'){ await page.goto(base+'/audit'); await shot('audit'); await page.selectOption('#action','patient.find'); await page.click('form.filters button'); await page.waitForLoadState(); await page.click('details.more summary').catch(()=>{}); await shot('audit-find'); await page.goto(`${base}/patients/${pts[0].id}/access`); await page.click('details.more summary').catch(()=>{}); await shot('access'); }
    if(role==='clinician'){ await page.goto(base+'/'); await shot('home'); await page.goto(`${base}/patients/${pid}/documents/new`); await shot('filing-clin'); }
    await ctx.close();
  }
}
await browser.close(); console.log([...new Set(problems)].join('\n')||'no problems');

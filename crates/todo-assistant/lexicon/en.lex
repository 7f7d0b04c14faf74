# English. How to read this file: see `src/builtin/lexicon.rs`.

[classes]
# Courtesy around a request: taken off before the sentence is read.
lead = actually | oh | hmm | um | uh | sorry | first | please | pls | plz | kindly | hey | hi | hello | ok | okay | so | well | now | also | and | then | and then | and also | after that | just | alright | right | assistant | bot
lead = can you | could you | would you | will you | can u | could u | can you please | could you please | would you please | would you mind | i want you to | i'd like you to | i would like you to | i'd like to | i would like to | i want to | i wanna | let's | lets | go ahead and | you can | you may | now please | would it be possible to | help me | yes | yeah | no | no wait | wait no
polite = can you | could you | would you | will you | can u | could u | can you please | could you please | would you please | would you mind | would it be possible to
tail = please | pls | plz | thanks | thank you | thx | ty | thanks a lot | thank you very much | will you | would you | can you | could you
# A sentence that begins so is a question about facts; it never changes anything.
question = did i | did we | did you | didn't i | do i | do we | do you | does | don't i | have i | have we | haven't i | has | is | isn't | are | aren't | was | were | am i | should | shouldn't | shall | must i | can i | can we | could i | could we | may i | might i | would it | would i | will it | will i | what | what's | whats | what if | when's | when is | when are | when do | when should | when was | when did | when will | when must | where | where's | which | who | who's | whose | why | how | how's | any | anything | what about | how about | there any
# A sentence that begins so is a thought, a report or a hypothesis.
thought = if | unless | when | whenever | because | since | while | although | though | maybe | perhaps | once | suppose | supposing | imagine | i might | i may | i could | i would | i wouldn't | i think | i thought | i guess | i wonder | i wish | i hope | i was | i almost | i nearly | i'm thinking | i am thinking | i'm not sure | i feel | i like | i love | i hate | i wanted | i will | i'll | i used to | you | he | she | they | we were | there is | there's | there are | someone | everybody | everyone | imagine
negation = don't | dont | do not | never | not | no need to | no longer | please don't | stop | better not | i don't want | i don't want to | i do not want | i don't need | i don't need to | we don't need to | you shouldn't | you should not | you must not | mustn't | avoid | refrain from | without | nobody | nothing | won't | can't | cannot
not = not | don't | dont | didn't | didnt | doesn't | isn't | isnt | wasn't | haven't | havent | hasn't | never | no longer | cannot | can't | cant | won't | wont | shouldn't | wouldn't | mustn't | hadn't | aren't | weren't
finite = is | are | was | were | am | has | had | have | did | does | do | will | would | should | could | can | might | may | must | seems | looks | went | said | says | thinks | i'm | i've | it's | that's
starter = the | my | this | that | these | those | it | there | his | her | their | our | your | its | some | no | very | such | too
stop = has | have | been | was | were | is | are | the | a | an | my | our | your | this | that | these | those | to | for | of | on | in | at | with | and | it | task | tasks | todo | todos | to-do | item | items | one | ones | about | some | i | me | please | just | again | reminder | thing | things
task = task | tasks | todo | todos | to-do | to-dos | to do | item | items | entry | thing | things | reminder | reminders | job | jobs | one | ones | stuff
noun = task | todo | to-do | item | entry | reminder | job
nouns = tasks | todos | to-dos | to dos | items | things | stuff | entries | ones | jobs | reminders
article = a | an | the | another | new | a new | one more | one | some | my | this | these | following | the following | few | a few | extra | quick | me a | me an | me the
the = the | my | our | that | this | those | these | all | all the | all my | all of my | all of the
my = my | the | our | a | your
# Verbs.
add = add | jot down | write down | note down | put down | insert | append | capture | throw in | include | add in | i want to add | i'd like to add
add.noun = add | create | make | put | write | log | record | enter | register | set up | new | open | start | save
# Words with which something is put on a list.
add.place = put | stick | pop | throw | toss | slap | place | chuck | get | jot | note | drop | write | add | include
label.lead = with label | with the label | with labels | labelled | labeled | labelled as | labeled as | labelled with | labeled with | tagged | tagged as | tagged with | with tag | with the tag | with tags
project.lead = in project | in the project | to project | to the project | under project | under the project | for project | for the project
both.lead = both | both of the | both the | both of my | both my
add.if-missing = wipe | clear out | schedule | plan | move | push | bring | carry | make | set | change | cancel | finish | close | resolve | wrap | get | remove | clear | discard | drop | check
me = me | us
show = show | list | see | display | view | give me | get | get me | show me | tell me | let me see | print | pull up | bring up | fetch | read me | read out | read my | read all | i want to see | open up | look at | show us | review
mark = mark | set | check | tick | flag | put | make
complete = complete | check off | tick off | cross off | cross out | strike off | strike out | mark off | mark complete | mark completed | mark done | mark as done | mark as complete | mark as completed | mark finished | mark as finished | i'm done with | im done with | i am done with | done with | finished with | i'm finished with | i'm through with | completed | finished
finish = finish | close | close out | finish off | finish up | resolve | wrap up
done = done | complete | completed | finished | as done | as complete | as completed | as finished | to done | to complete | to completed | off | as being done | closed | as closed | ready
open = undone | not done | not complete | not completed | not finished | incomplete | pending | open | unfinished | not yet done | as not done | as undone | as incomplete | as pending | as open | as unfinished | as not complete | as not completed | as not finished | to pending | to open | to do | as to do | active | as active
reopen = reopen | re-open | uncheck | untick | uncomplete | un-complete | undo completion of | reactivate | restart | unmark | re-activate | mark undone | mark open | mark pending
delete = wipe | wipe out | clear out | purge | bin | delete | remove | erase | discard | trash | scrap | get rid of | throw away | del | rm | cancel | clear | scratch | strike
restore = restore | undelete | bring back | recover | put back | get back
rename = rename | retitle | re-title | reword | relabel as
change = change | update | edit | modify | correct | set
place = move | put | file | assign | shift
move = move | reschedule | re-schedule | shift | postpone | push | push back | delay | defer | put off | snooze | bump | change | schedule | set | bring forward | bring | make | carry over | carry | plan | switch | slide | pull
later = postpone | push | push back | delay | defer | put off | snooze | bump | move | move back | shift | reschedule | push out | shift back | slide | extend
earlier = advance | bring forward | move forward | move up | pull forward | pull in | bring up
i = i | we | i've | i have | we've | we have | ive | i just | i've just | i have just | i already | i've already | i have already | i finally | i've finally | just | we just | we already | already | finally | yes i | yes i have | yes i've | ok i | ok i've | i also | i've also | i have also | i actually | i did
past = bought | called | phoned | emailed | mailed | paid | cleaned | washed | wrote | sent | booked | fixed | watered | fed | walked | picked | ordered | renewed | returned | submitted | filed | cooked | made | took | got | met | visited | finished | signed | scheduled | cancelled | canceled | updated | reviewed | prepared | packed | printed | posted | shipped | delivered | repaired | replaced | installed | tested | deployed | released | merged | vacuumed | mowed | ironed | folded | studied | practiced | practised | learned | texted | messaged | contacted | asked | told | thanked | invited | went | drove | ran | swam | baked | painted | built | sold | planned | organized | organised | sorted | backed | uploaded | downloaded | translated | drafted | completed | gave | brought | found | checked | collected | dropped | charged | changed | filled | trimmed | planted | applied | registered | transferred | answered | replied | attended | arranged | confirmed | turned | taken | watched | wrapped | exercised
# Words of lists.
all = all | every | everything | each | any | anything | the whole | all of | all the | all my | all of my | all of the | every single | everything that is | everything that's | everything which is
status.completed = completed | done | finished | closed | complete | checked off | ticked off | checked | crossed off | accomplished | did | finish
status.pending = haven't i finished | haven't i done | haven't i completed | haven't i | have i not | have i not finished | have i not done | have i not completed | i haven't finished | i haven't done | i haven't completed | i haven't | i've not | i have not | we haven't finished | we haven't done | haven't been done | haven't been finished | have not been done | are not done | aren't done | aren't finished | not yet finished | yet to do | yet to be done | pending | open | active | incomplete | unfinished | outstanding | undone | uncompleted | left | remaining | not done | not completed | not finished | still to do | left to do | unchecked | not yet done | current | still open | still pending
overdue = overdue | late | should have been done | should've been done | should already be done | past due | behind | past their due date | past its due date | delayed | missed | behind on | i missed | running late | past the deadline
undated = undated | unscheduled | without a due date | without due date | without due dates | without a date | without dates | without any date | with no due date | with no date | no due date | no date | without a deadline | with no deadline | that have no due date | that has no due date | not scheduled | someday
dated = with a due date | with due date | with due dates | with a date | dated | scheduled | with a deadline | that have a due date
recurring = repeat | recur | recurring | repeating | repeated | that repeat | which repeat | recurrent
unlabelled = untagged | unlabelled | unlabeled | without labels | without label | without a label | without tags | without tag | without a tag | with no labels | with no tags | with no label
inbox = in the inbox | in my inbox | inbox | without a project | without project | with no project | in no project
label.word = label | labels | tag | tags | labelled | labeled | tagged | tagged with | tagged as | labelled with | labeled with | labeled as | with label | with the label | with labels | with tag | with the tag | with tags | with a label | under label | having label | having the label
project.word = project | list | folder | category
in = in | from | of | inside | within | under
about = about | containing | contain | contains | mentioning | mention | matching | with the word | with the words | that mention | that contain | regarding | concerning | related to | to do with
about.noun = called | named | titled
due = due | deadline | due by | due on | due for | due at | due in | due date | that are due | which are due | scheduled for | planned for | scheduled | planned
created = created | added | made | i added | i created | i made | entered
finished = completed | done | finished | did | i did | i finished | i completed | finish | accomplish | get done | complete
when-lead = on | for | at | over | up
when-word = on | for | by | until | till | before | after | from | since | between | in | within | during | over | up | at
filler = that's | thats | that are | who's | they're | yet | stuff that's | the | a | an | my | our | all | of | any | me | i | i've | i'm | im | we | have | has | had | do | does | did | to | got | that | which | are | is | were | was | there | there's | on | for | with | and | or | what | what's | whats | still | currently | please | so | far | just | be | been | being | it | them | need | needs | must | should | task | tasks | todo | todos | to-do | to-dos | item | items | thing | things | stuff | ones | one | every | everything | each | anything | something | entries | list | lists | up | due | at | in | coming | only | again | now | ever | need to be | else | am | going | get | show | priority | label | project | s | as | marked | set | supposed | jobs | reminders | also | can | see
first = first | top | next | latest | last
sort = sorted by | sort by | ordered by | order by | by | arranged by | in order of
sort.due = due date | due | date | deadline | dates | due dates
sort.priority = priority | importance | urgency
sort.title = title | name | alphabet | alphabetically
sort.created = creation date | creation | created | newest | age | recent
sort.newest = newest first | latest first | most recent first | newest
sort.oldest = oldest first | oldest
# Priorities, highest first.
priority.urgent = urgent | p1 | critical | highest | top priority | highest priority | urgent priority | asap | very important | super important | extremely important | priority 1 | priority one | most important | most urgent | p 1
priority.high = high | p2 | high priority | important | high-priority | priority high | priority 2 | priority two | a high priority | higher | p 2
priority.medium = medium | med | p3 | medium priority | medium-priority | moderate | priority medium | priority 3 | priority three | a medium priority | mid | average | p 3
priority.low = low | p4 | low priority | low-priority | minor | unimportant | priority low | priority 4 | priority four | a low priority | lower | not important | lowest | p 4
priority.none = none | no | no priority | normal | normal priority | priority none | regular | default | without priority | zero
priority.word = priority | prio | importance | priorities
# References.
it = it | that | this | this one | that one | that task | this task | the task | the one | that item | this item | it too | the same | that thing | the last task you mentioned | the thing | him | her | that todo | this todo | the same one | the same task | the new one | the new task | the one i just added | the task i just added | the one i just added | the task you just added | the last one i added | the one you just added
both = both | both of them | both of these | both of those | both tasks | the both | these two | those two | the two of them | the two
them = them | all of them | those | these | all of these | all of those | all these | all those | them all | those tasks | these tasks | the lot | all of it | the whole list | each of them | every one of them | everything on that list | everything in that list | the entire list | all of the above | all in that list | all on the list | all tasks on that list
rest = the rest | the others | the other ones | the other one | the remaining ones | the other | the other two | the other tasks | the rest of them | the other task | the remaining tasks
all.tasks = all | everything | all tasks | all my tasks | all the tasks | every task | all of my tasks | all of the tasks | all todos | all my todos | each task | every one | all items | my whole list | the whole list of tasks | all of my todos | my entire list | all my to-dos | every single task | my tasks | my todos | tasks | all the items | my list | my todo list | my to-do list | all my items | the list
except = except | except for | but not | other than | apart from | besides | excluding | excepting | without | minus | but
ordinal = first | second | third | fourth | fifth | sixth | seventh | eighth | ninth | tenth
ordinal.short = 1st | 2nd | 3rd | 4th | 5th | 6th | 7th | 8th | 9th | 10th
number = one | two | three | four | five | six | seven | eight | nine | ten
last = last | final | bottom
number.mark = number | no | nr | num | id | task | tasks | todo | item | items | task number | task no | task nr | task id | the task number | todo number | numbers | todos | entry | item number | task numbers | number #
noun.lead = task | todo | to-do | item | task called | task named | task titled | task about | task to | task for | one about | one called | one with | one for | reminder to | reminder about | reminder for | todo called | item called | tasks about | tasks called | ones about | item named
and = and | & | plus | as well as | and also | also | or | then
through = through | to | thru | till | until | -
span.unit = minute | minutes | min | mins | hour | hours | hr | hrs | day | days | week | weeks | month | months | year | years | weekday | weekdays | fortnight | workday | workdays | business days
# Where a second request may begin inside a sentence.
schedule = schedule
a = a | an
do-or-add = plan | make | finish | set | bring | get | close
sequence = and then | then | after that | and also | afterwards
preposition = for | of | in | on | with | from | to | at | about | by | into | under | over
join = and then | and also | and | then | also | after that | plus | as well as | but | afterwards
# A command about existing tasks, when it follows "and".
command = wipe | wipe out | purge | clear out | mark | complete | delete | remove | show | list | reschedule | postpone | rename | undo | reopen | tick | check off | tick off | cross off | unmark | uncheck | move | add | create | remind me | set | change | update | push | tag | untag | label | make | tell me | give me | summarize | what's | what | how many | which | cancel | finish | snooze | defer | put | prioritize | prioritise | clear | erase | bring | restore | find | search | count | don't | do not | repeat | stop | delay
# Verbs that are commands and never begin an ordinary title.
command.sure = mark | reschedule | postpone | rename | undo | reopen | tick off | untag | unmark | uncheck | add | remind me | show me | list my | snooze | don't forget to | don't let me forget to | i need to | i have to | remind us | prioritize | show
yes.also = delete it | delete them | add it | do that | that one | please | fine | yes delete it | yes delete them | complete it | complete them | change it | change them | right
no.also = cancel | stop | leave it | don't | dont | do not | skip | skip it | cancel that | keep it | keep them | leave them | drop it | nothing | don't do it | forget it | leave it alone | none of that
yes = yes | y | yes please | yeah | yep | yup | sure | sure thing | ok | okay | do it | go ahead | confirm | confirmed | correct | please do | right | sounds good | absolutely | of course | definitely | yes do it | yes go ahead | go for it | proceed | that's right | exactly | affirmative | k | yes i am sure | i'm sure | yes i'm sure | yes add it | yes do that | yes that one | agreed | all right | alright | ya | sí | ja
no = no | n | nope | nah | none | never mind | nevermind | none of them | none of these | none of those | neither | neither of them | no thanks | no thank you | not now | abort | no don't | no leave it | leave it alone | not that | no cancel | on second thought no | no stop | wait no | wait | hold on | no way | not really | no keep it | no keep them | better not | none please | no do not

[patterns]
# Taking back.
undo: undo/revert/rollback <it>?
undo: undo/revert the/my? last/latest/previous/most? recent? change/changes/action/operation/step/thing/one/command/edit?
undo: undo what you/i just? did
undo: take that/it back
undo: take back <it>?
undo: oops
undo: oops undo/revert/sorry? <it>?
undo: scratch that/it
undo: put it/that/them back
undo: change it/that back
undo: bring it/that/them back
undo: restore it/that/them
undo: i did not mean that/it
undo: i didn't mean that/it/to
undo: i didn't mean to do that/it/this
undo: i did not mean to do that/it/this
undo: that was a mistake
undo: that was wrong
undo: that's wrong
undo: that's not what i meant/wanted
undo: that is not what i meant/wanted
undo: not what i meant/wanted
undo: wrong one/task
undo: no undo <it>?
undo: ctrl z
undo: ctrl-z
undo: go back
undo: reverse that/it
undo: cancel that/the last action/change/operation?
undo: undelete it/that/them?
undo: roll it/that? back
undo: i made a mistake
undo: i changed my mind
undo.several: undo/revert the? last {n} changes/actions/operations/steps/things/commands/edits
undo.several: undo the? last {n}
undo.several: undo {n} times/steps/changes
undo.several: undo both/twice of? them?
restore: <restore> {ref}
restore: bring/put/get {ref} back
restore: undo the? deletion/removal/completion/change/renaming/update of/to {ref}
restore: undo deleting/removing/completing/adding/finishing/renaming/moving {ref}
restore: undo {ref}
# Talk.
greeting: hi/hello/hey/hiya/howdy/yo/greetings there/assistant/again?
greeting: good morning/afternoon/evening/day
how-are-you: hi/hello/hey? how are you doing/today?
how-are-you: how's it going
how-are-you: how is it going
how-are-you: what's up
thanks: ok/great? thanks/thx/ty/cheers a? lot/much/again/bunch/man/mate?
thanks: ok/great? thank you so/very? much/again?
thanks: great/perfect/cool/nice/awesome/excellent/wonderful/super thanks/work/job/one?
thanks: well/good done/job/work
thanks: you're/you the/great/awesome/amazing/best
bye: bye/goodbye/ciao/farewell bye/now?
bye: see you later/tomorrow/soon?
bye: good night
who-are-you: who/what are you
who-are-you: are you a/an? human/bot/robot/ai/real/person/chatgpt/machine/model
who-are-you: what's your name
who-are-you: what is your name
help: help me?
help: what can you/i do/say/ask here?
help: what can i ask/tell you to? do?
help: what do you do/understand
help: what are you able to do
help: what are you capable of
help: how can you help me?
help: how do/does you/this/it/that work
help: how do/can/would/should i use this/you
help: how do/can/would/should i <add>/<delete>/<complete>/<finish>/<rename>/<change>/<move>/<show>/<reopen>/undo/search/find/use {text}
help: how do/can i undo
help: what commands are there
help: what commands do you know/have/understand
help: show me? the? commands/help
help: commands
help: instructions
help: is it possible to {text}
help: can i <add>/<rename>/<change>/<move>/undo/search {text}
help: i need help
help: usage
cannot: what's the weather today/tomorrow/like?
cannot: tell me a joke
cannot: play/sing me/us? a/some? song/music/something
cannot: order me {text}
cannot: turn on/off the? light/lights/tv/heating/music
refuse: should/shall/can/may/could/must i {text}
refuse: what if/happens {text}
refuse: what would happen if {text}
refuse: why {text}
refuse: would it {text}
refuse: do i need/have to {text}
# Summaries.
summary: what's on my plate/agenda/schedule/mind/calendar {when}?
summary: what is on my plate/agenda/schedule/calendar
summary: what's on my plate/agenda/schedule/calendar for? {when}
summary: what is on my plate/agenda/schedule/calendar for? {when}
summary: what's on for? {when}
summary: what's on
summary: how is/are my/the? tasks/things looking/going?
summary: what's my day/week/plan/schedule/agenda like/looking/today?
summary: what's my day/plan/schedule/agenda like? for? {when}
summary: what's the plan for? {when}
summary: what's the plan
summary: my/the? plan/plans/agenda for {when}
summary: what does my day/week/schedule/plate look like today?
summary: what does my day/schedule look like for/on? {when}
summary: what does {when} look like
summary: how does {when} look
summary: how's {when} looking
summary: how's/how my/the day/week/list/schedule looking/going?
summary: how is my/the day/week/list looking/going?
summary: how does my day/week/list look today?
summary: how does my day look for/on? {when}
summary: how am i doing today?
summary: give/show/tell me? a/an/the/my? quick/short/daily/brief? summary/overview/briefing/brief/rundown/status/report/recap/digest/agenda
summary: give/show/tell me? a/an/the/my? quick/short/daily/brief? summary/overview/briefing/rundown/recap/agenda of/for my/the day/week/month/schedule/tasks/list/plate
summary: give/show/tell me? a/an/the/my? quick/short/daily/brief? summary/overview/briefing/rundown/status/report/recap/agenda for/of my? {when}
summary: my? summary/overview/briefing/agenda/status/recap/digest/rundown
summary: my? summary/overview/briefing/agenda/recap for/of {when}
summary: summarize/summarise/recap/brief my/the? me/day/today/tasks/list/week/everything?
summary: summarize/summarise/recap {when}
summary: what should i do/tackle/start/focus/work on/with/first/next/now/today? first/next/now/today?
summary: what should i be doing/working on/now/today/next? now/today?
summary: what's next
summary: what is next
summary: what now
summary: what do i do next/now/today?
summary: daily/day/morning/evening summary/briefing/review/overview/report/plan/digest
summary: plan my day
summary: today's summary/plan/agenda/overview/briefing
summary: tomorrow's summary/plan/agenda/overview/briefing
summary: catch me up
summary: bring me up to speed
summary: where do/am i stand/at
summary: am i busy/free {when}?
summary: am i busy/free today?
summary: my day
summary: how busy am i {when}
summary: how busy am i today?
summary: what's happening {when}
summary: what/how about for? {when}
# Labels and projects.
labels: <show>? <my>/all? <my>? labels/tags
labels: what labels/tags do i have/use
labels: what labels/tags are there
labels: what/which are my labels/tags
labels: which labels/tags do i have/use
projects: <show>? <my>/all? <my>? projects/categories/folders
projects: what projects/categories/lists do i have/use
projects: what projects/categories are there
projects: what/which are my projects/categories
projects: which projects/categories/lists do i have/use
more: show/give/list me/us? more/next tasks/page/ones?
more: more tasks/please?
more: next page/ones/tasks
more: show/list/see me/us? the rest
more: show/list/see me/us? the next page/ones/tasks
more: keep going
more: continue
# Said so plainly that nothing else can be meant.
add: note to self to? {title}
add: make a? note to self? to? {title}
add: i've/we've got to {title}
add: i/we? gotta {title}
add.later: set/create/add/make a/an? reminder for/on/at? {when} to/for/about {title}
add.later: remind me/us {when} to/about/of/that {title}
# "Low" and "higher" are also descriptions of tasks.
priority: raise/lower/increase/reduce/drop the? priority of {ref} to {priority}
priority.raise: raise/increase/bump/up the? priority of/for {ref}
priority.raise: make {ref} more important/urgent
priority.lower: lower/decrease/reduce/drop the? priority of/for {ref}
priority.lower: make {ref} less important/urgent
priority.lower: deprioritize/deprioritise {ref}
# Bare descriptions of tasks.
complete: done
complete: all? done with it/that/this
list: {bare}
list: sort/order/arrange/group/rank {bare}
list: read my/all/the/through tasks/todos/list/to-dos/todo? list?
# Negative requests that do mean something.
delete: i/we don't/dont/no need/want/have to? do? {ref} anymore/any? more/longer? <delete> it/them/that
reopen: {ref} isn't/aren't/wasn't/weren't/isnt/arent done/finished/complete/completed yet/after? all? actually? <reopen> it/them/that
reopen: {ref} is/are/was/were not done/finished/complete/completed yet/after? all? actually? <reopen> it/them/that
repeat.stop: don't/dont repeat {ref} anymore/again?
repeat.stop: do not repeat {ref} anymore/again?
repeat.stop: stop repeating/recurring {ref}
repeat.stop: stop {ref} from repeating/recurring
repeat.stop: make {ref} not/non-recurring/one-off/one-time repeat/recurring/recur?
repeat.stop: {ref} shouldn't/doesn't need to? repeat anymore/again?
repeat.stop: {ref} should not repeat anymore/again?
repeat.stop: remove/clear/delete/cancel/drop/stop the? repeat/recurrence/repetition/repeating/schedule/rule of/for/from/on {ref}
repeat.stop: remove/clear/delete/drop the? recurrence/repetition rule/pattern? of/for/from/on {ref}
add.dont: don't/dont let me/us forget to/about? {title}
add.dont: do not let me forget to? {title}
add.dont: don't/dont forget to {title}
add.dont: do not forget to {title}
add: let me not forget to {title}
# Notes.
note.add: <add>/write/attach a? note/comment/description {text} to {ref}
note.add: <add>/write/attach a/the? note/comment/description to/on/for {ref} saying/that/with {text}
note.add: <add>/write/attach a/the? note/comment/description to/on/for {that} {text}
note.add: note on/for/to {that} {text}
note.add: <add>/write/attach/put/leave a/the? note/comment/description to/on/for {ref}: {text}
note.add: note on/for/to {ref}: {text}
note.add: <add>/write/attach/put/leave a/the? note/comment/description to/on/for {ref} {quote}
note.add: add to the notes/description of {ref} {text}
note: <change> the? note/notes/description/details of/for/on {ref} to/as {text}
note: describe {ref} as {text}
note.clear: <delete> the? note/notes/description/comment of/from/on/for {ref}
# Due dates off.
due.clear: <delete> the? due? date/deadline/dates of/from/on/for {ref}
due.clear: <delete> the? due from/of/for {ref}
due.clear: unschedule {ref}
due.clear: make {ref} undated/unscheduled/dateless
due.clear: {ref} has no due? date/deadline
due.clear: {ref} is not due anymore/any? more?
due.clear: set {ref} to no date/deadline/due? date?
due.clear: move {ref} to someday
# Priority.
priority.clear: <delete> the? priority of/from/for/on {ref}
priority: <change>/give the? priority of/for {ref} to/as {priority}
priority: <change>/give {ref} priority to/as? {priority}
priority: <change>/mark/flag/give/make/bump/<move> {ref} to/as/with? a/an/the? {priority}
priority: {ref} is/are/has now? {priority}
priority: {ref} should be {priority}
priority: {that} to {priority}
priority: {ref} should/must/needs have/be/to? have/be/get? {priority}
prioritise: prioritize/prioritise/star {ref}
prioritise: flag {ref}
# Labels.
label.add: <add>/attach/put/apply/give the? label/labels/tag/tags {label} to/on/onto {ref}
label.add: <add>/attach/put/apply the? {label} label/tag to/on/onto {ref}
label.add: <add>/attach/put/apply {label} as a? label/tag to/on {ref}
label.add: tag/label {ref} with/as/by the? label/tag? {label}
label.add: mark {ref} with the? label/tag? {label}
label.add: tag/label {that} {label}
label.add: <add>/put {sigil} to/on/onto {ref}
label.add: give {ref} the? label/labels/tag/tags {label}
label.add: give {ref} the {label} label/tag
label.remove: untag/unlabel {label} from {ref}
label.remove: untag/unlabel {ref} as/with {label}
label.remove: untag/unlabel {that} {label}
label.remove: untag/unlabel {ref}
label.remove: <delete>/take the? label/labels/tag/tags {label} from/off/of {ref}
label.remove: <delete>/take the? {label} label/tag from/off/of {ref}
label.remove: <delete>/take {sigil} from/off {ref}
label.remove: <delete> all? the? labels/tags from/of/off {ref}
# Projects.
project.clear: move/put {ref} to/in/into/back the? inbox
project.clear: move/put {ref} back to/in/into the? inbox
project.clear: <delete>/take {ref} from/out/off of? its/the? project/list/folder
project.clear: <delete>/take {ref} out of its/the? project
project: add {that} to/in/into/under the/my? project/list/folder {project}
project: add {that} to/in/into/under the/my? {project} project/list/folder/category
project: <place> {ref} to/in/into/under/within the/my? project/list/folder/category {project}
project: <place> {ref} to/in/into/under the/my? {project} project/list/folder/category
project: <change> the? project/category of/for {ref} to {project}
project: move/put/file/assign/shift {ref} to/in/into/under {project}
project: add {that} to/in/into/under {project}
# Repetition.
repeat: make {ref} repeat/recur/recurring {rule}
repeat: make {that} {rule}
repeat: make the {ref} {rule}
repeat: repeat/schedule {ref} {rule}
repeat: set/<change> {ref} to repeat/recur/recurring {rule}
repeat: set/<change> {ref} to {rule}
repeat: {ref} should repeat/recur/happen {rule}
repeat: {ref} repeats/recurs {rule}
repeat: set/add a? recurrence/repeat of/for/on/to {ref} to? {rule}
repeat: set the? recurrence/repetition/repeat of/for/on {ref} to {rule}
repeat: have {ref} repeat/recur {rule}
# Reminders of existing tasks.
remind: <add>/set a? reminder to/for/on {ref} for/at/on/to? {when}
remind: <add>/set a? reminder {when} before {ref}
remind: <add>/set/create a? reminder to/for/on {ref} {span} before/earlier/ahead/prior
remind: remind me about/of {ref} {span} before/earlier/ahead/prior
remind: remind me {span} before {ref}
remind: remind me about/of {ref} {when}
# Shifting.
postpone: <later> {ref} back/out/forward/later? by {span}
postpone: <later> {ref} for/back/out/another {span}
postpone: <later> {ref} {span} back/out/later/forward?
postpone: <later> {ref} for another/a? {span}
postpone: give {ref} {span} more
postpone: give me {span} more for {ref}
postpone: give {ref} another {span}
advance: bring/pull {ref} forward/in/up by? {span}
advance: <earlier> {ref} by? {span}
advance: <move> {ref} earlier/up/ahead by? {span}
advance: <move> {ref} earlier/up/ahead by? {span}
advance: <move> {ref} {span} earlier/ahead/sooner/forward
# Dates.
reschedule: <change> the? due? date/deadline/time/day of/for/on {ref} to/for? {when}
reschedule: <change> the? due date/deadline {when} for/on {ref}
reschedule: add/give/set/put a/the? due? date/deadline of/on/for? {when} to/for/on {ref}
reschedule: the? due? date/deadline of/for/on {ref} is/becomes now? {when}
reschedule: the? due? date/deadline of/for/on {ref} should be {when}
reschedule: <change>/give {ref} a/the? due? date/deadline to/of/for? {when}
reschedule: <change> when {ref} is due to {when}
reschedule: make {ref} due on/by/for/at? {when}
reschedule: set/change {ref} to? be? due on/by/for/at? {when}
reschedule: <move> {ref} forward/back/out/up/ahead to/until/till/by? {when}
reschedule: <move> {ref} to/until/till/for/on/onto/from/by/at? to? {when}
reschedule: {ref} is/are/should now/only/actually/really? due/be now/done? due? on/by/for/at? {when}
reschedule: {ref} has/needs to be done/finished/ready on/by/before? {when}
reschedule: do {ref} {when} instead
reschedule: <move> {ref} {when} instead
reschedule: {ref} {when} instead
reschedule: {ref} can wait until/till/for {when}
reschedule: {that} to/on {when}
reschedule: snooze/postpone/defer/delay {ref}
# Completing.
complete: <i>? got {ref} done/finished/completed
complete: <mark> {ref} <done>
complete: <mark> <done> {ref}
complete: {ref} is/are/was/were/have/has/'s now/already/all/been/finally? been? done/finished/completed/complete now/already/today?
complete: {ref} <done> now/already?
complete: i'm/we're/im all? done/finished/through with {ref}
complete: i/we am/are all? done/finished/through with {ref}
complete: get {ref} done/finished/completed
complete: take care of {ref}
complete: <i>? took care of {ref}
complete: <i>? took/taken care of {ref}
complete: cross/tick/check/strike/mark {ref} off the/my/our? list/lists?
complete: tick {ref}
complete: cross/check/strike the/my {ref} one/task/item/todo
complete: <i> <complete>/done/finished/completed {ref}
complete: done/finished {ref}
complete: <i>? did {ref}
complete: check/tick/resolve {that}
complete: {ref} ✓/✔
complete: ✓/✔ {ref}
complete: that's {ref} done/finished/completed
complete: consider {ref} done/finished/completed
complete: call {ref} done/finished/complete
complete: <i>? did it/that
reopen: <reopen> {ref}
reopen: <mark>/<change> {ref} as/to/back? to/as? <open>
reopen: <mark>/<change> {ref} to? be? <open> again
reopen: put {ref} back on my/the? list/todo?
reopen: {ref} needs/has to be redone
reopen: redo {ref}
reopen: <mark> {ref} not done
complete: <complete> {ref}
past: <i>? <past> {text}
past: {text} has/have/was/were/is/are/got been? now/already/finally/just? <past>
past: <i> read/put/set/cut/shut/hit/quit/let {text}
# Deleting.
rename: rename/retitle/reword {ref} to/as/into {text}
rename: <change> the/my? title/name/text/wording/description of/for {ref} to/into {text}
rename: change/turn {ref} to/into {text}
rename: call/name the/my {ref} task/todo/item/one instead? {text}
rename: call/name {that} {quote}
rename: call/name it/that/this {quote} instead of {ref}
rename: <change> {that} to {text}
rename: <change> {ref} to {quote}
rename: <change> {ref} to say/read {text}
rename: <change> {ref} so it says/reads {text}
rename: {ref} should be/say/read called/named? {text}
rename: replace {that} with/by {text}
rename: rename {that} {text}
delete: take {ref} off/from the/my/our? list/lists
delete: <delete> {ref} from/off the/my/our list/lists/todos/tasks/todo? list?
delete: drop {that}
delete: forget about {ref}
delete: <delete> {ref} completely/permanently/entirely/forever?
# Counting.
count: how many {filter} do i/we still? have/need left/open/pending/to? do/remaining? {filter}
count: how many {filter} do i/we still? have/need left/open/pending/remaining?
count: how many {filter} are there/left/open/pending/remaining?
count: how many {filter} have i/we {filter}
count: how many {filter} did i/we {filter}
count: how many {filter} are {filter}
count: how many {filter}
count: how much {filter} do i have
count: how much {filter}
count: <show>? the? number/count/total of {filter}
count: count {filter}
count: what's the number of {filter}
# Showing one task.
show: when do/must/should i/we have/need/want/got? to {ref}
show: by when do/must/should i/we have/need? to? {ref}
show: when must/should i {ref}
show: when is/was/are/must/should/do/does {ref} due/be/done/happening/finished/scheduled/completed? due/done?
show: when is/'s the? due date/deadline of/for {ref}
show: when's {ref} due?
show: what's/what the/is? due? date/deadline/priority/status/project/note/notes/description/label/labels/time of/for/on {ref}
show: what's/what is? the? status/priority/deadline of/for {ref}
show: what priority is/has {ref}
show: what is/'s? {ref} about
show: <show> me? the? details/info/information/notes/description of/about/for/on {ref}
show: details/info of/about/for/on? {ref}
show: tell me more? about {ref}
show: how important/urgent is {ref}
show: is {ref} important/urgent/overdue/late/due/open/pending still?
show: is {ref} due/on for? {when}
show: does {ref} repeat/have {text}
show: does {ref} repeat
show: is {ref} on/in my/the list/todo/todos list?
is-done: is/are/was/were {ref} done/finished/completed/complete/closed yet/already/now?
is-done: is/are {ref} still open/pending/undone
is-done: has/have {ref} been done/finished/completed yet/already?
is-done: did/have i/we already/ever? complete/finish/do/done/completed/finished {ref} yet/already?
is-done: did/have i/we already/ever? {text} yet/already?
is-done: did/have i/we not? {text}
is-done: haven't/didn't i/we {text}
is-done: am i done with {ref} yet?
is-done: what happened to {ref}
is-done: what about {ref}
is-done: how about {ref}
is-done: what's the status of {ref}
# Lists.
completed: what/which tasks/things/todos/ones? have/did i/we already/just? done/finished/completed/do/finish/complete/accomplished/accomplish/get so/done? far? {when}
completed: what/which tasks/things/todos/ones? have/did i/we already/just? done/finished/completed/do/finish/complete/accomplished/accomplish/get so/done? far?
completed: what have/did i/we get/got done {when}
completed: what have/did i/we get/got done
completed: what was done/completed/finished {when}
completed: <show>? what i/we have/did/'ve? done/finished/completed/did/accomplished {when}
completed: <show>? what i've/we've done/finished/completed/accomplished {when}
completed: <show>? what i/we have/did/'ve? done/finished/completed/did/accomplished
completed: <show>? what i've/we've done/finished/completed/accomplished
search: search for/in/through? my/all? tasks/todos/list? for? {text}
search: find/locate me? all/everything/anything/any/every tasks/task/todos/things/that's/that/is/to? about/with/for/containing/mentioning/regarding/on/do? with? {text}
search: find/locate me? {text}
search: look for/up {text}
search: where is/'s {text}
search: is there a/an/any/some? task/tasks/todo/anything/something/thing/item/reminder about/for/with/regarding/called/named/on/containing/mentioning {text}
search: are there any/some? tasks/todos/items/things? about/for/with/regarding/called/named/containing/mentioning {text}
search: do/did i/we have a/an/any/some? task/tasks/todo/anything/something/reminder about/for/with/regarding/called/named/containing/mentioning/to {text}
search: have i/we got a/an/any/some? task/tasks/anything/something about/for/with/regarding/called/named {text}
search: any/anything tasks/todos/items/things? about/with/regarding/called/named/containing/mentioning {text}
search: which/what tasks/todos/ones/items mention/contain/include {text}
search: google {text}
show: <show> {that}
show: open {that}
show: what's/what is? {that}
list: <show> {filter}
list: <show> me/us? what's/what is/are? {filter}
list: <show> me/us? what i have/need/must/should to? do? {filter}
list: <show> what i still? have/need/must to? do?
list: what/which {filter} do i/we still? have/need/got to? do/left/open/pending? {filter}
list: what/which {filter} do i/we still? have/need/got to? do/left/open/pending?
list: what/which do i/we still? have/need/got/must to? do? {filter}
list: what/which do i/we still? have/need/got/must to? do/left?
list: what have i/we got/to to? do? {filter}
list: what have i/we got/to to? do/left?
list: what must/should/can i/we do {filter}
list: what/which is/are/'s still? left/there/on? to? do? {filter}
list: what/which is/are/'s still? left to? do?
list: what's/whats still? left/there/on? to? do? {filter}
list: what's/whats/what left/remaining/open/pending to? do?
list: what's/whats/what is/are? {filter}
list: what/which {filter} are/is {filter}
list: what/which {filter} have/has {filter}
list: what/which tasks/todos/items/things/ones {filter}
list: do i/we still? have/got {filter}
list: have i/we still? got/to {filter}
list: is/are there/any there? {filter}
list: is/are any/anything/something {filter}
list: anything/something {filter}
list: any {filter}
# New tasks.
add: <add.place> {title} on/onto/in/into/to my/the/our todo/to-do/task/tasks/to? list/lists/todos/tasks/do? list? for/by/on/due? {when}
add: <add.place> {title} on/onto/in/into/to my/the/our todo/to-do/task/tasks/to? list/lists/todos/tasks/do? list?
add: <article>? task/todo for {when} {title}
add: <add.noun> a/an/the/another? new? {priority} task/todo/to-do/item to/for/called/named/titled/about/that/of? i? need/must/says? to? {title}
add.remind: {when} remind me/us to/about/that/of {title}
add.project: <add>/put {quote} to/in/under/into the? {project} due/by/on/for/at {when}
add.project: <add>/put {quote} to/in/under/into the? {project}
add.untitled: <add.noun> <article>? new? task/todo/to-do/item/reminder/tasks/todos
add.untitled: <add.noun> a? to do
add.untitled: i want to add a/another? task
add: add to my/the todo/to-do/task? list/tasks/todos {title}
add: <add> to my/the todo/to-do/task? list/tasks/todos {title}
add: put {title} down for/on {when}
add: put {title} down as a? task/todo
add: <add.noun> {n} new? tasks/todos/items/things {title}
add: <add> {n} new? tasks/todos/items/things {title}
add: {when} i/we need/have to {title}
add: {when} i/we should/must {title}
add.remind: remind me that i/we have/need/must/should to? {title}
add.remind: remind me/us to/about/that/of {title}
add.remind: remind me/us {title}
add.remind: <add.noun> a/an? reminder to/for/about {title}
add: i/we really/also/still/definitely/probably? must/should/gotta really/also/definitely/probably? not? forget? to? {title}
add: i/we really/also/still/definitely/probably? need/have/ought/got to really/also? remember/not? to? forget? to? {title}
add: i/we really/also/still? need {n}? things/items/stuff {title}
add: i/we really/also/still? need some/more {title}
add: need/have/must/gotta to? {title}
add: i/we had better {title}
add.dated: i/we have/'ve/got a/an/another/my/our? {title}
add: i/we gotta {title}
add: i'm/we're supposed to {title}
add: make/be sure to/that? i/we? {title}
add: remember/remembering to/that? i/we? {title}
add: remember {title}
add: memo/reminder {title}
add: todo: {title}
add: task: {title}
add: to-do: {title}
add: to do: {title}
add: tasks: {title}
add: todos: {title}
add: new/another task/todo/item {title}
add: <add>/put {title} to/on/in/onto my/the/our todo/to-do/task/tasks/to? list/lists/todos/tasks/do? list?
add.project: <add>/put/create {title} to/in/into/on/under the/my? {project} project/list/folder/category
add.project: <add> {title} to/in/into/under the? project/list/folder/category {project}
add: <add.noun> <article>? new? task/todo/to-do/item/reminder/tasks/todos/items/reminders to/for/called/named/titled/about/that/of? i? need/must/says? to? {title}
add: <add.noun> a? to do called/named/to/for? {title}
add: <add> that i/we need/have/must/should/ought to? {title}
add: <add> a/an/another? {title}
finish: <finish> {ref}
yes: <yes>
no: <no>

[stems]
bought buying buys = buy
paid paying pays = pay
wrote written writing writes = writ
sent sending sends = send
made making makes = mak
took taken taking takes = tak
got gotten getting gets = get
met meeting meetings meets = meet
went gone going goes = go
drove driven driving = driv
ran running runs = run
swam swum swimming = swim
built building builds = build
sold selling sells = sell
fed feeding feeds = feed
read reading reads = read
told telling tells = tell
gave given giving gives = giv
brought bringing brings = bring
found finding finds = find
thought thinking = think
taught teaching = teach
spoke spoken speaking speaks = speak
saw seen seeing sees = see
did done doing does = do
said saying says = say
left leaving leaves = leav
kept keeping keeps = keep
held holding holds = hold
heard hearing = hear
chose chosen choosing = choos
began begun beginning = begin
broke broken breaking = break
came coming comes = com
cut cutting cuts = cut
drew drawn drawing = draw
ate eaten eating eats = eat
flew flown flying = fly
forgot forgotten = forget
hung hanging = hang
knew known = know
lent lending = lend
lost losing = los
put putting puts = put
rode ridden riding = rid
sang sung singing = sing
slept sleeping = sleep
spent spending = spend
swept sweeping = sweep
threw thrown throwing = throw
wore worn = wear
won winning = win
children = child
people = person
men = man
women = woman
mom mum mother mummy mama = mom
dad father daddy papa = dad
groceries grocery = grocery
bills = bill
taxes = tax
called calling calls = call
emailed emailing emails e-mail = email
ordered ordering orders = order
watered watering waters = water
visited visiting visits = visit
entered entering = enter
delivered delivering = deliver
opened opening opens = open
answered answering = answer
renewed renewing renews = renew
edited editing = edit
submitted submitting submits = submit
planned planning plans = plan
cleaned cleaning cleans = clean
cancelled canceled cancelling = cancel

[verbs]
accept add adjust analyze analyse answer apply appoint archive arrange ask assemble assign attend backup bake balance bathe bike boil book borrow bring brush build buy calculate call celebrate change charge check chop choose clean climb close collect compare compile complain compose configure confirm connect contact convert cook coordinate copy correct cut dance decide declutter decorate define deliver deploy deposit descale describe design develop dig dine discuss do donate download draft draw dress drink drive drop dry dust eat edit email e-mail empty enroll enter escape estimate evaluate examine exchange exercise explain explore export fax feed fetch file fill find finalize finish fix fly fold follow format forward freeze fry gather get gift give go grab greet grill groom grow hand hang harvest heat help hire host hug implement import improve inform inspect install interview introduce investigate invite invoice iron jog join journal keep knit launch learn leave lend lift light listen load lock look mail maintain make manage measure meditate meet memorize mend merge message migrate mix monitor mop move mow nap negotiate notify obtain offer oil open order organise organize oversee pack paint paper park pass pay peel phone photograph pick plan plant play polish post practice practise pray prepare present press print proofread propose prune publish pull purchase push put rake read rebook recharge record recycle redo refactor refill refund register rehearse release relax renew rent repair repay replace reply report repot request research reserve respond restart restock retrieve return review revise ride rinse roast run save scan schedule scrub search sell send separate service set sew shave ship shop shovel shower sign sing sketch sleep slice solve sort speak spend split spray stack start steam stitch stop store stretch study submit subscribe sue support survey sweep swim switch take talk taste teach tell test text thank throw tidy tighten touch train transfer translate trim try tune turn type unclog unpack unsubscribe update upgrade upload vacuum verify visit volunteer vote wait wake walk warm wash watch water wax weed weigh wipe withdraw work wrap write xerox zip

[say]
added = Added {title}{details}.
added.many = Added {count} tasks:
listed.none = Nothing here: no {what}.
listed.none.all = Your list is empty. Tell me what to do, for example “buy milk tomorrow 5pm”.
listed.one = 1 task ({what}):
listed.many = {count} {what}:
listed.page = {from} to {to} of {count} {what} (“more” shows the next):
found.one = Found one task{what}:
found.many = Found {count} tasks{what}:
listed.end = That was all.
counted.none = None: no {what}.
counted.one = One: {title}.
counted.many = {count} {what}.
completed = Completed {title}{details}.
completed.many = Completed {count} tasks:
already.completed = {title} was already completed.
reopened = Reopened {title}.
reopened.many = Reopened {count} tasks:
already.open = {title} is open already.
deleted = Deleted {title}. Say “undo” to get it back.
deleted.many = Deleted {count} tasks. Say “undo” to get them back.
renamed = Renamed {old} to {title}.
due = {title} is now due {due}.
due.none = {title} has no due date any more.
priority = {title} now has priority {priority}.
priority.none = {title} has no priority any more.
labelled = {title} now has the labels {labels}.
labelled.none = {title} has no labels any more.
project = Moved {title} to project {project}.
project.none = Moved {title} back to the inbox.
note = Wrote the note on {title}.
note.none = Removed the note of {title}.
remind = I'll remind you of {title} {when}.
repeats = {title} now repeats {rule}{details}.
repeats.none = {title} no longer repeats.
changed.many = Changed {count} tasks:
unchanged = Nothing changed: {title} is like that already.
undone = Undone: {summary}.
undo.none = There is nothing to undo.
undo.conflict = I can't undo that: it has changed since.
next.occurrence = next one {due}
found.none = I found nothing with “{text}”.
not.found = I found no task matching “{text}”.
not.found.number = There is no task #{number}.
not.found.place = The list has no number {number}.
not.found.closest = I found no task matching “{text}”. Did you mean one of these?
not.found.one = I found no task matching “{text}”. Did you mean {title}?
no.list = I'm not sure which one you mean. Say its number or words of its title.
which = Which one do you mean?
nothing.matches = There is nothing to do: no {what}.
confirm.complete = Complete these {count} tasks?
confirm.reopen = Reopen these {count} tasks?
confirm.delete = Delete these {count} tasks?
confirm.change = Change these {count} tasks ({change})?
confirm.one.complete = Complete {title}?
confirm.one.reopen = Reopen {title}?
confirm.one.delete = Delete {title}?
confirm.one.change = Change {title} ({change})?
confirm.undo = Undo {count} changes?
offer.add = I'm not sure what to do with that; nearest: {examples}. Or shall I add “{text}” as a task?
not.found.offer = I found no such task. Shall I add “{text}” as a new one?
reading = Is “{text}” the date, or part of the title?
reading.date = “{title}”, due {due}
reading.title = “{title}”, without a date
stopped = Stopped.
ask.title = What should the new task say?
ask.title.again = What should it say?
too.long = That title is too long; a title has at most 200 characters.
dismissed = All right, I left everything as it is.
left.alone = All right, I changed nothing.
nothing.asked = There is nothing waiting for an answer.
yes = Yes
no = No
all.of.them = All of them
done.open = {title} is still open{details}.
done.completed = {title} is completed{details}.
labels.none = You have no labels yet. Add one with “tag … as home”, or @home in a new task.
labels = Your labels: {list}.
projects.none = You have no projects yet. Say “add … to the Work project”, or #Work in a new task.
projects = Your projects: {list}.
summary = {day}: {due}, {overdue}, {done}.
summary.due = {count} due
summary.overdue = {count} overdue
summary.done = {count} completed
summary.next = Next: {title}{details}.
summary.clear = Nothing is due. Enjoy it, or pick something from {count} open tasks.
summary.empty = Your list is empty.
summary.overdue.title = Overdue:
summary.due.title = Due:
summary.more = … and {count} more
also.overdue = {count} more overdue: say “show overdue”.
unknown = I didn't understand that. You can say, for example: {examples}.
examples = add create new remember note: add buy milk tomorrow 5pm | show list see today due: what's due today? | complete done finish finished tick: complete 3 | delete remove cancel: delete the meeting task | move reschedule postpone delay later date: move the report to friday | rename change title name edit: rename 2 to Buy bread | priority urgent important high low: make 3 urgent | label tag: tag 3 home | project list folder: move 3 to project Work | search find where look: search dentist | undo back revert oops: undo | summary plate day agenda busy: what's on my plate? | repeat every weekly recurring: repeat 3 every monday | how many count number: how many tasks are overdue?
help = You can say:
help.lines = add buy milk tomorrow 5pm p1 @home — or just “buy milk tomorrow” | what's due today? show overdue · how many are left? | complete 3 · I called the dentist · reopen 3 | move the report to friday 10am · postpone it by 2 days | rename 2 to … · make it urgent · tag it home · move it to project Work | repeat the trash task every monday | delete the meeting task · mark everything due today done | search dentist · what's on my plate? · undo
greeting = Hello! What would you like to do?
thanks = You're welcome.
bye = Goodbye.
how-are-you = Ready when you are. Ask “what's on my plate?” to see your day.
who-are-you = I'm the assistant of your task list. I run without any model; say “help” to see what I understand.
cannot = I can't do that; I only look after your tasks.
failed = That didn't work: {error}
today = today
tomorrow = tomorrow
yesterday = yesterday
at = at {time}
day.in.week = {weekday}
weekdays = Monday Tuesday Wednesday Thursday Friday Saturday Sunday
months = Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec
date = {weekday} {day} {month}
date.year = {day} {month} {year}
overdue.mark = overdue
detail.due = due {due}
detail.labels = {labels}
detail.priority = {priority} priority
detail.project = in {project}
detail.repeats = repeats {rule}
detail.done = done {due}
priority.none.name = none
priority.low = low
priority.medium = medium
priority.high = high
priority.urgent = urgent
what.open = open tasks
what.completed = completed tasks
what.all = tasks
what.overdue = overdue
what.undated = without a due date
what.dated = with a due date
what.due = due {due}
what.created = added {days}
what.priority = with priority {priority}
what.inbox = in the inbox
what.about = about “{text}”
what.recurring = that repeat
what.unlabelled = without labels
change.title = title “{value}”
change.due = due {value}
change.later = {value} later
change.earlier = {value} earlier
change.no-due = no due date
change.priority = priority {value}
change.up = priority up
change.down = priority down
change.label = add {value}
change.unlabel = remove {value}
change.project = to project {value}
change.no-project = to the inbox
change.note = note “{value}”
change.no-note = no note
change.remind = remind {value}
change.repeat = repeat {value}
change.no-repeat = no repetition
# With a model.
changed = Changed {title}{details}.
confirm.calls = Shall I do this?
confirm.one.add = Add {title}?
nothing.changed = Nothing was changed.
claim.false = (That did not happen: nothing of the kind was done.)
model.failed = The model gave no answer, so I answer without it.
model.broke.off = The model broke off. This is what was done:
model.budget = Your share of the model is used up for today, so I answer without it.
model.nothing = I looked, but I have nothing to add.

[agent]
# How people ask for each kind of change.
ask.add = add | create | make | new | note | write | put | remember | remind | need to | have to | want to | must | plan | schedule | book | log | record | also
ask.complete = complete | completed | done | finish | finished | tick | check | cross | close | closed | bought | called | paid | sent | did | mark | accomplished | resolved | through with
ask.reopen = reopen | open | uncheck | untick | undone | again | unfinished | incomplete | not done | pending | reactivate
ask.delete = delete | remove | erase | discard | trash | scrap | get rid of | throw away | drop | cancel | clear | purge | wipe
ask.change = change | update | edit | modify | set | rename | call it | move | reschedule | postpone | push | delay | shift | snooze | defer | bump | prioritize | prioritise | priority | urgent | important | tag | untag | label | due | deadline | repeat | every | note | notes | description | describe | project | put | make | mark | assign | schedule | plan | remind | bring forward | extend
ask.undo = undo | revert | roll back | rollback | take back | take that back | take it back | oops | restore | bring back | mistake | undelete
# How a reply says that something was done.
claim.add = added | created
claim.add.change = saved | noted | scheduled | recorded | put | set up
claim.complete = completed | finished | ticked off | checked off | crossed off
claim.complete.reopen.change = marked
claim.reopen = reopened | reactivated
claim.delete = deleted | erased | discarded | trashed
claim.delete.change = removed | cleared | cancelled | canceled | dropped
claim.change = changed | updated | edited | renamed | moved | rescheduled | postponed | pushed | delayed | snoozed | deferred | tagged | labelled | labeled | prioritized | prioritised | modified | adjusted | assigned | set
claim.undo.reopen = restored | undone | reverted | rolled back | brought back
claim.any = done | all set | taken care of | handled
word.first = i | i've | ive | we | we've | i'm
word.passive = has | have | had | been | was | were | is | are | it's | got | 's | now | successfully | just | already
word.you = you | you've | you'd | he | she | they
word.unreal = if | when | once | can | could | will | would | should | shall | may | might | must | to | want | please | let | need | unless | before | after | i'll | you'll | we'll | ready | cannot
word.not = not | no | never | nothing | none | neither | haven't | hasn't | hadn't | didn't | don't | couldn't | wasn't | weren't | isn't | aren't | can't | unable | without | failed
word.noun = task | tasks | todo | todos | item | items | one | ones

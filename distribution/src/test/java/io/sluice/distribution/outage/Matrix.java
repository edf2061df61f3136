package io.sluice.distribution.outage;

import java.util.List;

/**
 * What is expected of Sluice under each toxic, alone and in pairs, in both directions, from the
 * first octet, during heads, during content and between exchanges.
 *
 * <p>Columns: the behaviour; the toxics before the sick endpoint; when they come ({@link
 * Row.Strike}); the request; the policy of the route; the answer and who gave it, {@code cut} where
 * it breaks off; retries that are counted; how the attempts at the sick endpoint end, as in {@code
 * sluice_attempts_total}; milliseconds before which the exchange cannot be over.
 *
 * <p>Policies: {@code patient} waits for a minute; {@code prompt} waits 2 s for a first octet;
 * {@code strict} does and no longer between two, so it is for clients that never owe anything;
 * {@code per-try} gives each attempt 3 s and takes a timeout for a reason to try again.
 */
final class Matrix {

  private Matrix() {}

  static List<Row> rows() {
    return Row.table(TABLE);
  }

  private static final String TABLE =
"""
behaviour                                                                       | toxics                                          | struck | request    | policy  | answer       | retries | sick                                  | after
a delay with jitter delays the answer and does nothing else                     | latency 300~100 downstream                      | start  | GET small  | patient | 200 sick     | 0 | success                                       | 200
a delayed request is answered later                                             | latency 300~100 upstream                        | start  | GET small  | patient | 200 sick     | 0 | success                                       | 200
delays of both ways add up                                                      | latency 300 upstream + latency 300 downstream   | start  | GET small  | patient | 200 sick     | 0 | success                                       | 600
a delay beyond the first-byte deadline is a 504 of our own                      | latency 20000 downstream                        | start  | GET small  | strict  | 504 sluice   | 0 | response_timeout                              | 2000
a request delayed beyond the first-byte deadline is a 504                       | latency 20000 upstream                          | start  | GET small  | strict  | 504 sluice   | 0 | response_timeout                              | 2000
a delay beyond the try's deadline moves a GET to the other endpoint             | latency 20000 downstream                        | start  | GET small  | per-try | 200 well     | 1 | response_timeout                              | 3000
a delayed request moves to the other endpoint                                   | latency 20000 upstream                          | start  | GET small  | per-try | 200 well     | 1 | response_timeout                              | 3000
a POST that timed out is not sent twice                                         | latency 20000 downstream                        | start  | POST 1K    | per-try | 504 sluice   | 0 | response_timeout                              | 3000
a delayed upload arrives                                                        | latency 300~100 upstream                        | start  | PUT 200K   | patient | 201 sick     | 0 | success                                       | 200
a delay within a head is waited for                                             | latency 500~100 downstream                      | head   | GET halted | patient | 200 sick     | 0 | success                                       | 400
a head that is delayed half way misses the first-byte deadline                  | latency 20000 downstream                        | head   | GET halted | strict  | 504 sluice   | 0 | response_timeout                              | 2000
a head that is delayed half way is asked for elsewhere                          | latency 20000 downstream                        | head   | GET halted | per-try | 200 well     | 1 | response_timeout                              | 3000
a delay within content is waited for                                            | latency 300~100 downstream                      | body   | GET slow   | patient | 200 sick     | 0 | success                                       | 200
chunks that are delayed arrive whole                                            | latency 300~100 downstream                      | body   | GET chunked| patient | 200 sick     | 0 | success                                       | 200
content that is delayed beyond the idle deadline breaks off, visibly            | latency 20000 downstream                        | body   | GET slow   | strict  | 200 sick cut | 0 | response_broken                               | 2000
a delay within an upload is waited for                                          | latency 300~100 upstream                        | upload | PUT 200K   | patient | 201 sick     | 0 | success                                       | 200
an upload that is delayed half way misses the first-byte deadline               | latency 20000 upstream                          | upload | PUT 200K   | prompt  | 504 sluice   | 0 | response_timeout                              | 2000
an idle connection that became slow is used all the same                        | latency 300~100 downstream                      | idle   | GET small  | patient | 200 sick     | 0 | success success                               | 200
an idle connection whose requests became slow is used all the same              | latency 300~100 upstream                        | idle   | GET small  | patient | 200 sick     | 0 | success success                               | 200

a thin line brings the answer whole                                             | bandwidth 200 downstream                        | start  | GET large  | patient | 200 sick     | 0 | success                                       | 1500
a very thin line is no failure while octets move                                | bandwidth 100 downstream                        | start  | GET large  | strict  | 200 sick     | 0 | success                                       | 3000
a thin line takes the upload whole                                              | bandwidth 100 upstream                          | start  | PUT 200K   | patient | 201 sick     | 0 | success                                       | 1500
a line without bandwidth is a 504                                               | bandwidth 0 downstream                          | start  | GET small  | strict  | 504 sluice   | 0 | response_timeout                              | 2000
a line without bandwidth for the request moves a GET to the other endpoint      | bandwidth 0 upstream                            | start  | GET small  | per-try | 200 well     | 1 | response_timeout                              | 3000
a line that gets thin within a head is waited for                               | bandwidth 1 downstream                          | head   | GET halted | patient | 200 sick     | 0 | success                                       | 0
a line that gets thin within content brings it whole                            | bandwidth 150 downstream                        | body   | GET slow   | patient | 200 sick     | 0 | success                                       | 0
a line that gets thin within chunks brings them whole                           | bandwidth 150 downstream                        | body   | GET chunked| patient | 200 sick     | 0 | success                                       | 0
a line that loses its bandwidth within content breaks off after the idle time   | bandwidth 0 downstream                          | body   | GET slow   | strict  | 200 sick cut | 0 | response_broken                               | 2000
a line that gets thin within an upload takes it whole                           | bandwidth 100 upstream                          | upload | PUT 200K   | patient | 201 sick     | 0 | success                                       | 500
an upload that gets nowhere for the idle time is a 504                          | bandwidth 0 upstream                            | start  | PUT 30000K | strict  | 504 sluice   | 0 | response_timeout                              | 2000
an idle connection that became thin is used all the same                        | bandwidth 200 downstream                        | idle   | GET large  | patient | 200 sick     | 0 | success success                               | 1500
an idle connection whose requests became thin is used all the same              | bandwidth 1 upstream                            | idle   | GET small  | patient | 200 sick     | 0 | success success                               | 0

an answer of known length does not wait for the close                           | slow_close 60000 downstream                     | start  | GET small  | patient | 200 sick     | 0 | success                                       | 0
a late close towards the endpoint is nobody's business                          | slow_close 60000 upstream                       | start  | GET small  | patient | 200 sick     | 0 | success                                       | 0
a late close within a head changes nothing                                      | slow_close 60000 downstream                     | head   | GET halted | patient | 200 sick     | 0 | success                                       | 0
a late close within content changes nothing                                     | slow_close 60000 downstream                     | body   | GET slow   | patient | 200 sick     | 0 | success                                       | 0
a late close within an upload changes nothing                                   | slow_close 60000 upstream                       | upload | PUT 200K   | patient | 201 sick     | 0 | success                                       | 0
a close of an idle connection that comes late is made up for, uncounted         | slow_close 5000 downstream                      | left   | GET halted | patient | 200 sick     | 0 | success cancelled success                     | 0
a request that was lost to a late close misses the first-byte deadline          | slow_close 60000 downstream                     | left   | GET halted | strict  | 504 sluice   | 0 | success response_timeout                      | 2000
a POST that was lost to a late close is not sent twice                          | slow_close 5000 downstream                      | left   | POST 1K    | patient | 502 sluice   | 0 | success cancelled                             | 0

silence that ends in a close moves a GET to the other endpoint                  | timeout 300 downstream                          | start  | GET small  | patient | 200 well     | 1 | connection_terminated                         | 300
silence towards the endpoint that ends in a close moves a GET                   | timeout 300 upstream                            | start  | GET small  | patient | 200 well     | 1 | connection_terminated                         | 300
silence that ends in a close is a 502 for a POST                                | timeout 300 downstream                          | start  | POST 1K    | patient | 502 sluice   | 0 | connection_terminated                         | 300
silence for ever is a 504 at the first-byte deadline                            | timeout 0 downstream                            | start  | GET small  | strict  | 504 sluice   | 0 | response_timeout                              | 2000
silence for ever towards the endpoint is a 504 at the first-byte deadline       | timeout 0 upstream                              | start  | GET small  | strict  | 504 sluice   | 0 | response_timeout                              | 2000
silence for ever moves a GET to the other endpoint at the try's deadline        | timeout 0 downstream                            | start  | GET small  | per-try | 200 well     | 1 | response_timeout                              | 3000
silence for ever towards the endpoint moves a GET at the try's deadline         | timeout 0 upstream                              | start  | GET small  | per-try | 200 well     | 1 | response_timeout                              | 3000
silence for ever is a 504 for a POST                                            | timeout 0 upstream                              | start  | POST 1K    | per-try | 504 sluice   | 0 | response_timeout                              | 3000
silence for ever takes no upload                                                | timeout 0 upstream                              | start  | PUT 50K    | strict  | 504 sluice   | 0 | response_timeout                              | 2000
silence for ever moves an upload that is still in memory                        | timeout 0 upstream                              | start  | PUT 50K    | per-try | 201 well     | 1 | response_timeout                              | 3000
silence within a head that ends in a close moves a GET                          | timeout 300 downstream                          | head   | GET halted | patient | 200 well     | 1 | connection_terminated                         | 300
silence for ever within a head is a 504                                         | timeout 0 downstream                            | head   | GET halted | strict  | 504 sluice   | 0 | response_timeout                              | 2000
silence for ever within a head moves a GET at the try's deadline                | timeout 0 downstream                            | head   | GET halted | per-try | 200 well     | 1 | response_timeout                              | 3000
silence towards an endpoint that answers already is nobody's business           | timeout 0 upstream                              | head   | GET halted | patient | 200 sick     | 0 | success                                       | 0
silence within content that ends in a close breaks off, visibly                 | timeout 300 downstream                          | body   | GET slow   | patient | 200 sick cut | 0 | response_broken                               | 300
silence within chunks that ends in a close breaks off, visibly                  | timeout 300 downstream                          | body   | GET chunked| patient | 200 sick cut | 0 | response_broken                               | 300
silence for ever within content breaks off at the idle deadline                 | timeout 0 downstream                            | body   | GET slow   | strict  | 200 sick cut | 0 | response_broken                               | 2000
silence for ever within chunks breaks off at the idle deadline                  | timeout 0 downstream                            | body   | GET chunked| strict  | 200 sick cut | 0 | response_broken                               | 2000
silence for ever within an upload is a 504                                      | timeout 0 upstream                              | upload | PUT 200K   | prompt  | 504 sluice   | 0 | response_timeout                              | 2000
a connection that broke while it was idle is not used again                     | timeout 300 downstream                          | gone   | GET small  | patient | 200 well     | 1 | success connection_terminated                 | 300
a connection that fell silent while it was idle is a 504                        | timeout 0 downstream                            | idle   | GET small  | strict  | 504 sluice   | 0 | success response_timeout                      | 2000
a connection that fell silent while it was idle moves a GET                     | timeout 0 upstream                              | idle   | GET small  | per-try | 200 well     | 1 | success response_timeout                      | 3000

a reset instead of an answer moves a GET to the other endpoint                  | reset_peer 0 downstream                         | start  | GET small  | patient | 200 well     | 1 | connection_terminated                         | 0
a reset instead of a request moves a GET to the other endpoint                  | reset_peer 0 upstream                           | start  | GET small  | patient | 200 well     | 1 | connection_terminated                         | 0
a late reset moves a GET to the other endpoint                                  | reset_peer 300 downstream                       | start  | GET small  | patient | 200 well     | 1 | connection_terminated                         | 300
a reset instead of an answer is a 502 for a POST                                | reset_peer 0 downstream                         | start  | POST 1K    | patient | 502 sluice   | 0 | connection_terminated                         | 0
a reset instead of a request is a 502 for a POST                                | reset_peer 0 upstream                           | start  | POST 1K    | patient | 502 sluice   | 0 | connection_terminated                         | 0
a reset moves an upload that is still in memory                                 | reset_peer 0 upstream                           | start  | PUT 50K    | patient | 201 well     | 1 | connection_terminated                         | 0
a reset of an upload that is too large for memory is a 502                      | reset_peer 0 upstream                           | upload | PUT 30000K | patient | 502 sluice   | 0 | connection_terminated                         | 0
a reset within a head moves a GET                                               | reset_peer 0 downstream                         | head   | GET halted | patient | 200 well     | 1 | connection_terminated                         | 0
a reset of the silent direction within a head does not show                     | reset_peer 0 upstream                           | head   | GET halted | patient | 200 sick     | 0 | success                                       | 0
a reset within content breaks off, visibly                                      | reset_peer 0 downstream                         | body   | GET slow   | patient | 200 sick cut | 0 | response_broken                               | 0
a reset within chunks breaks off, visibly                                       | reset_peer 0 downstream                         | body   | GET chunked| patient | 200 sick cut | 0 | response_broken                               | 0
a reset of a reused connection is made up for, then counted                     | reset_peer 0 downstream                         | idle   | GET small  | patient | 200 well     | 1 | success cancelled connection_terminated       | 0
a reset of a request on a reused connection is made up for, then counted        | reset_peer 0 upstream                           | idle   | GET small  | patient | 200 well     | 1 | success cancelled connection_terminated       | 0
a reset of a reused connection is a 502 for a POST                              | reset_peer 0 upstream                           | idle   | POST 1K    | patient | 502 sluice   | 0 | success cancelled                             | 0

an answer in slices arrives whole                                               | slicer 100~50 downstream                        | start  | GET large  | patient | 200 sick     | 0 | success                                       | 0
a head that comes octet by octet is read                                        | slicer 1 downstream                             | start  | GET small  | patient | 200 sick     | 0 | success                                       | 0
a request in slices is answered                                                 | slicer 10~5 upstream                            | start  | GET small  | patient | 200 sick     | 0 | success                                       | 0
an upload in slices arrives whole                                               | slicer 200~100 upstream                         | start  | PUT 50K    | patient | 201 sick     | 0 | success                                       | 0
slices from the middle of a head on are read                                    | slicer 1 downstream                             | head   | GET halted | patient | 200 sick     | 0 | success                                       | 0
slices from the middle of content on arrive whole                               | slicer 100~50 downstream                        | body   | GET slow   | patient | 200 sick     | 0 | success                                       | 0
chunks in slices arrive whole                                                   | slicer 100~50 downstream                        | body   | GET chunked| patient | 200 sick     | 0 | success                                       | 0
slices from the middle of an upload on arrive whole                             | slicer 200~100 upstream                         | upload | PUT 200K   | patient | 201 sick     | 0 | success                                       | 0
an idle connection that began to slice is used all the same                     | slicer 10~5 downstream                          | idle   | GET small  | patient | 200 sick     | 0 | success success                               | 0

a close before the first octet moves a GET                                      | limit_data 0 downstream                         | start  | GET small  | patient | 200 well     | 1 | connection_terminated                         | 0
a close before the first octet is a 502 for a POST                              | limit_data 0 downstream                         | start  | POST 1K    | patient | 502 sluice   | 0 | connection_terminated                         | 0
a close within the head moves a GET                                             | limit_data 20 downstream                        | start  | GET small  | patient | 200 well     | 1 | connection_terminated                         | 0
a request that is cut within its head moves to the other endpoint               | limit_data 20 upstream                          | start  | GET small  | patient | 200 well     | 1 | connection_terminated                         | 0
a request that is cut within its head is a 502 for a POST                       | limit_data 20 upstream                          | start  | POST 1K    | patient | 502 sluice   | 0 | connection_terminated                         | 0
an upload that is cut moves while it is still in memory                         | limit_data 2000 upstream                        | start  | PUT 50K    | patient | 201 well     | 1 | connection_terminated                         | 0
an upload that is cut and too large for memory is a 502                         | limit_data 2000 upstream                        | upload | PUT 30000K | patient | 502 sluice   | 0 | connection_terminated                         | 0
content that is cut breaks off, visibly                                         | limit_data 100000 downstream                    | start  | GET large  | patient | 200 sick cut | 0 | response_broken                               | 0
chunks that are cut break off, visibly                                          | limit_data 100000 downstream                    | start  | GET chunked| patient | 200 sick cut | 0 | response_broken                               | 0
a close within the head's second half moves a GET                               | limit_data 10 downstream                        | head   | GET halted | patient | 200 well     | 1 | connection_terminated                         | 0
a close in the middle of content breaks off, visibly                            | limit_data 1000 downstream                      | body   | GET slow   | patient | 200 sick cut | 0 | response_broken                               | 0
a close before the answer on a reused connection is made up for, then counted   | limit_data 0 downstream                         | idle   | GET small  | patient | 200 well     | 1 | success cancelled connection_terminated       | 0
a close within the head on a reused connection is a failure at once             | limit_data 20 downstream                        | idle   | GET small  | patient | 200 well     | 1 | success connection_terminated                 | 0

a refused connection moves a GET to the other endpoint                          | down                                            | start  | GET small  | patient | 200 well     | 1 | connection_refused                            | 0
a refused connection moves a POST too, since nothing was sent                   | down                                            | start  | POST 1K    | patient | 200 well     | 1 | connection_refused                            | 0
a refused connection moves an upload of any size                                | down                                            | start  | PUT 200K   | patient | 201 well     | 1 | connection_refused                            | 0
an endpoint that dies within a head moves a GET                                 | down                                            | head   | GET halted | patient | 200 well     | 1 | connection_terminated                         | 0
an endpoint that dies within content breaks off, visibly                        | down                                            | body   | GET slow   | patient | 200 sick cut | 0 | response_broken                               | 0
an endpoint that dies within chunks breaks off, visibly                         | down                                            | body   | GET chunked| patient | 200 sick cut | 0 | response_broken                               | 0
an endpoint that dies within an upload too large for memory is a 502            | down                                            | upload | PUT 30000K | patient | 502 sluice   | 0 | connection_terminated                         | 0
an endpoint that dies within an upload still in memory moves it                 | down                                            | upload | PUT 50K    | patient | 201 well     | 1 | connection_terminated                         | 0
an endpoint that died while its connection was idle moves a GET                 | down                                            | gone   | GET small  | patient | 200 well     | 1 | success connection_refused                    | 0
an endpoint that died while its connection was idle moves a POST                | down                                            | gone   | POST 1K    | patient | 200 well     | 1 | success connection_refused                    | 0

a delay of the request's direction within a head is nobody's business           | latency 20000 upstream                          | head   | GET halted | strict  | 200 sick     | 0 | success                               | 0
a delay of the request's direction within content is nobody's business          | latency 20000 upstream                          | body   | GET slow   | strict  | 200 sick     | 0 | success                               | 0
a line without bandwidth for requests does not hold up a head                   | bandwidth 0 upstream                            | head   | GET halted | strict  | 200 sick     | 0 | success                               | 0
a line without bandwidth for requests does not hold up content                  | bandwidth 0 upstream                            | body   | GET slow   | strict  | 200 sick     | 0 | success                               | 0
a late close towards the endpoint within a head changes nothing                 | slow_close 60000 upstream                       | head   | GET halted | patient | 200 sick     | 0 | success                               | 0
a late close towards the endpoint within content changes nothing                | slow_close 60000 upstream                       | body   | GET slow   | patient | 200 sick     | 0 | success                               | 0
silence towards an endpoint that sends content already is nobody's business     | timeout 0 upstream                              | body   | GET slow   | strict  | 200 sick     | 0 | success                               | 0
silence towards an endpoint that ends in a close breaks its content off         | timeout 300 upstream                            | body   | GET slow   | patient | 200 sick cut | 0 | response_broken                       | 300
a reset of the silent direction within content does not show                    | reset_peer 0 upstream                           | body   | GET slow   | patient | 200 sick     | 0 | success                               | 0
slices of the silent direction within a head do not show                        | slicer 1 upstream                               | head   | GET halted | patient | 200 sick     | 0 | success                               | 0
slices of the silent direction within content do not show                       | slicer 1 upstream                               | body   | GET slow   | patient | 200 sick     | 0 | success                               | 0
a limit of the silent direction within a head does not show                     | limit_data 0 upstream                           | head   | GET halted | patient | 200 sick     | 0 | success                               | 0
a limit of the silent direction within content does not show                    | limit_data 0 upstream                           | body   | GET slow   | patient | 200 sick     | 0 | success                               | 0

an answer that is delayed from the middle of the upload on is waited for        | latency 300~100 downstream                      | upload | PUT 200K   | patient | 201 sick     | 0 | success                               | 200
an answer that is delayed from the middle of the upload on misses its deadline  | latency 20000 downstream                        | upload | PUT 200K   | prompt  | 504 sluice   | 0 | response_timeout                      | 2000
a line that gets thin for the answer within an upload is waited for             | bandwidth 1 downstream                          | upload | PUT 200K   | patient | 201 sick     | 0 | success                               | 0
a line without bandwidth for the answer to an upload is a 504                   | bandwidth 0 downstream                          | upload | PUT 200K   | prompt  | 504 sluice   | 0 | response_timeout                      | 2000
a late close of the answer's direction within an upload changes nothing         | slow_close 60000 downstream                     | upload | PUT 200K   | patient | 201 sick     | 0 | success                               | 0
silence instead of the answer to an upload is a 504                             | timeout 0 downstream                            | upload | PUT 200K   | prompt  | 504 sluice   | 0 | response_timeout                      | 2000
silence that ends in a close moves an upload still in memory                    | timeout 300 downstream                          | upload | PUT 50K    | patient | 201 well     | 1 | connection_terminated                 | 0
a reset instead of the answer moves an upload still in memory                   | reset_peer 0 downstream                         | upload | PUT 50K    | patient | 201 well     | 1 | connection_terminated                 | 0
an answer in slices to an upload is read                                        | slicer 1 downstream                             | upload | PUT 200K   | patient | 201 sick     | 0 | success                               | 0
an answer to an upload that is cut within its head moves it while in memory     | limit_data 20 downstream                        | upload | PUT 50K    | patient | 201 well     | 1 | connection_terminated                 | 0
a close instead of the answer to an upload too large for memory is a 502        | limit_data 0 downstream                         | upload | PUT 30000K | patient | 502 sluice   | 0 | connection_terminated                 | 0

an idle connection that became too slow is a 504                                | latency 20000 downstream                        | idle   | GET small  | strict  | 504 sluice   | 0 | success response_timeout              | 2000
an idle connection whose requests became too slow moves a GET                   | latency 20000 upstream                          | idle   | GET small  | per-try | 200 well     | 1 | success response_timeout              | 3000
an idle connection that lost its bandwidth is a 504                             | bandwidth 0 downstream                          | idle   | GET small  | strict  | 504 sluice   | 0 | success response_timeout              | 2000
an idle connection whose requests lost their bandwidth moves a GET              | bandwidth 0 upstream                            | idle   | GET small  | per-try | 200 well     | 1 | success response_timeout              | 3000
a late close announced on an idle connection changes nothing                    | slow_close 60000 downstream                     | idle   | GET small  | patient | 200 sick     | 0 | success success                       | 0
a late close towards the endpoint on an idle connection changes nothing         | slow_close 60000 upstream                       | idle   | GET small  | patient | 200 sick     | 0 | success success                       | 0
a connection that broke towards the endpoint while it was idle is not used      | timeout 300 upstream                            | gone   | GET small  | patient | 200 well     | 1 | success connection_terminated         | 300
a late reset of a reused connection is made up for, then counted                | reset_peer 300 downstream                       | idle   | GET small  | patient | 200 well     | 1 | success cancelled connection_terminated | 600
an idle connection whose requests are sliced is used all the same               | slicer 10~5 upstream                            | idle   | GET small  | patient | 200 sick     | 0 | success success                       | 0
a request cut on a reused connection is made up for, then counted               | limit_data 20 upstream                          | idle   | GET small  | patient | 200 well     | 1 | success cancelled connection_terminated | 0
a request cut on a reused connection is a 502 for a POST                        | limit_data 20 upstream                          | idle   | POST 1K    | patient | 502 sluice   | 0 | success cancelled                     | 0

a line that is slow and thin brings the answer whole                            | latency 300~100 downstream + bandwidth 200 downstream       | start | GET large   | patient | 200 sick     | 0 | success               | 1700
a line that is thin one way and slow the other takes an upload                  | bandwidth 100 upstream + latency 300 downstream             | start | PUT 200K    | patient | 201 sick     | 0 | success               | 1800
slices that come late arrive whole                                              | slicer 100~50 downstream + latency 300~100 downstream       | start | GET small   | patient | 200 sick     | 0 | success               | 200
slices both ways arrive whole                                                   | slicer 10~5 upstream + slicer 10~5 downstream               | start | GET small   | patient | 200 sick     | 0 | success               | 0
a late answer that is cut within its head moves a GET                           | latency 300 downstream + limit_data 20 downstream           | start | GET small   | patient | 200 well     | 1 | connection_terminated | 300
slices that are cut within the head move a GET                                  | slicer 5 downstream + limit_data 50 downstream              | start | GET small   | patient | 200 well     | 1 | connection_terminated | 0
a thin line that is cut breaks off, visibly                                     | bandwidth 200 downstream + limit_data 100000 downstream     | start | GET large   | patient | 200 sick cut | 0 | response_broken       | 400
a late reset after a delay moves a GET                                          | latency 300 downstream + reset_peer 200 downstream          | start | GET small   | patient | 200 well     | 1 | connection_terminated | 500
resets both ways move a GET                                                     | reset_peer 0 upstream + reset_peer 0 downstream             | start | GET small   | patient | 200 well     | 1 | connection_terminated | 0
silence both ways is a 504                                                      | timeout 0 upstream + timeout 0 downstream                   | start | GET small   | strict  | 504 sluice   | 0 | response_timeout      | 2000
a head that is cut and closed late moves a GET when the close comes             | limit_data 20 downstream + slow_close 700 downstream        | start | GET small   | patient | 200 well     | 1 | connection_terminated | 700
a head that is cut and hardly ever closed is a 504                              | limit_data 20 downstream + slow_close 60000 downstream      | start | GET small   | strict  | 504 sluice   | 0 | response_timeout      | 2000
content that is cut and hardly ever closed breaks off at the idle deadline      | limit_data 100000 downstream + slow_close 60000 downstream  | start | GET large   | strict  | 200 sick cut | 0 | response_broken       | 2000
a slow answer whose endpoint then dies breaks off, visibly                      | latency 300 downstream + down                               | body  | GET slow    | patient | 200 sick cut | 0 | response_broken       | 0
slices that then fall silent break off at the idle deadline                     | slicer 100~50 downstream + timeout 0 downstream             | body  | GET slow    | strict  | 200 sick cut | 0 | response_broken       | 2000
a slow answer does not wait for a late close as well                            | latency 300 downstream + slow_close 60000 downstream        | start  | GET small   | patient | 200 sick     | 0 | success                               | 300
a delay before silence is a 504 all the same                                    | latency 300 upstream + timeout 0 downstream                 | start  | GET small   | strict  | 504 sluice   | 0 | response_timeout                      | 2000
a thin line does not wait for a late close as well                              | bandwidth 200 downstream + slow_close 60000 downstream      | start  | GET large   | patient | 200 sick     | 0 | success                               | 1500
a thin upload that nobody answers moves while in memory                         | bandwidth 100 upstream + timeout 0 downstream               | start  | PUT 50K     | per-try | 201 well     | 1 | response_timeout                      | 3000
a thin upload whose answer is a reset moves while in memory                     | bandwidth 100 upstream + reset_peer 0 downstream            | start  | PUT 50K     | patient | 201 well     | 1 | connection_terminated                 | 300
a thin line in slices brings the answer whole                                   | bandwidth 200 downstream + slicer 1000~500 downstream       | start  | GET large   | patient | 200 sick     | 0 | success                               | 1500
a thin line whose endpoint then dies breaks off, visibly                        | bandwidth 50 downstream + down                              | body   | GET slow    | patient | 200 sick cut | 0 | response_broken                       | 0
silence that ends in a close that comes late moves a GET when it comes          | timeout 300 downstream + slow_close 700 downstream          | start  | GET small   | patient | 200 well     | 1 | connection_terminated                 | 900
slices do not wait for a late close as well                                     | slicer 100~50 downstream + slow_close 60000 downstream      | start  | GET large   | patient | 200 sick     | 0 | success                               | 0
a reset that comes late moves a GET when it comes                               | reset_peer 0 downstream + slow_close 700 downstream         | start  | GET small   | patient | 200 well     | 1 | connection_terminated                 | 600
a late close does not outlive its endpoint                                      | slow_close 60000 downstream + down                          | start  | GET small   | patient | 200 well     | 1 | connection_refused                    | 0
silence hides a reset                                                           | timeout 0 upstream + reset_peer 0 downstream                | start  | GET small   | strict  | 504 sluice   | 0 | response_timeout                      | 2000
content that is cut breaks off though the other direction is silent             | limit_data 1000 downstream + timeout 0 upstream             | body   | GET slow    | patient | 200 sick cut | 0 | response_broken                       | 0
silence within content that ends in a death breaks off, visibly                 | timeout 0 downstream + down                                 | body   | GET slow    | patient | 200 sick cut | 0 | response_broken                       | 0
a reset before the second slice moves a GET                                     | slicer 5 downstream + reset_peer 0 downstream               | start  | GET small   | patient | 200 well     | 1 | connection_terminated                 | 0
a cut head that is reset moves a GET                                            | limit_data 20 downstream + reset_peer 0 downstream          | start  | GET small   | patient | 200 well     | 1 | connection_terminated                 | 0
resets of an endpoint that is gone move a POST, since nothing was sent          | reset_peer 0 downstream + down                              | start  | POST 1K     | patient | 200 well     | 1 | connection_refused                    | 0
slices whose endpoint dies break off, visibly                                   | slicer 100~50 downstream + down                             | body   | GET chunked | patient | 200 sick cut | 0 | response_broken                       | 0
a limit on an endpoint that is gone moves an upload of any size                 | limit_data 2000 upstream + down                             | start  | PUT 200K    | patient | 201 well     | 1 | connection_refused                    | 0
a delayed half head that is cut moves a GET                                     | latency 300 downstream + limit_data 10 downstream           | head   | GET halted  | patient | 200 well     | 1 | connection_terminated                 | 200
half a head in slices that come late is read                                    | slicer 1 downstream + latency 300 downstream                | head   | GET halted  | patient | 200 sick     | 0 | success                               | 200
an upload that gets slow and thin half way arrives                              | latency 300 upstream + bandwidth 100 upstream               | upload | PUT 200K    | patient | 201 sick     | 0 | success                               | 500
an upload that gets slow and is cut half way moves while in memory              | latency 300 upstream + limit_data 2000 upstream             | upload | PUT 50K     | patient | 201 well     | 1 | connection_terminated                 | 200
an idle connection that became slow and sliced is used all the same             | latency 300 downstream + slicer 10~5 upstream               | idle   | GET small   | patient | 200 sick     | 0 | success success                       | 300
silence both ways of an idle connection is a 504                                | timeout 0 upstream + timeout 0 downstream                   | idle   | GET small   | strict  | 504 sluice   | 0 | success response_timeout              | 2000
resets both ways of a reused connection are made up for, then counted           | reset_peer 0 upstream + reset_peer 0 downstream             | idle   | GET small   | patient | 200 well     | 1 | success cancelled connection_terminated | 0
""";
}

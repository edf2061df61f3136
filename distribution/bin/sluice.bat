@echo off
rem Starts Sluice: finds a JVM, picks its flags, and runs it. bin/sluice says what each flag is for.
rem   SLUICE_JAVA_HOME   the JVM to use; else JAVA_HOME; else java on the PATH
rem   SLUICE_OPTS        more options for the JVM
rem   SLUICE_CACHE       the folder for the class archive that makes starts fast; off: none
setlocal EnableExtensions DisableDelayedExpansion
for %%I in ("%~dp0..") do set "SLUICE_HOME=%%~fI"

if defined SLUICE_JAVA_HOME (set "JAVA=%SLUICE_JAVA_HOME%\bin\java.exe") else if defined JAVA_HOME (set "JAVA=%JAVA_HOME%\bin\java.exe") else (set "JAVA=java.exe")
if "%JAVA%"=="java.exe" goto onpath
if not exist "%JAVA%" (
  echo sluice: there is no "%JAVA%": check SLUICE_JAVA_HOME and JAVA_HOME 1>&2
  exit /b 3
)
goto version
:onpath
where /q java.exe
if errorlevel 1 (
  echo sluice: no Java found: install Java 17 or newer, or set SLUICE_JAVA_HOME 1>&2
  exit /b 3
)

:version
set "JAVA_VERSION="
for /f "tokens=3" %%V in ('""%JAVA%" -version 2>&1" ^| findstr /c:" version "') do if not defined JAVA_VERSION set "JAVA_VERSION=%%~V"
set "FEATURE="
for /f "delims=.-+_ tokens=1,2" %%A in ("%JAVA_VERSION%") do if "%%A"=="1" (set "FEATURE=%%B") else (set "FEATURE=%%A")
if not defined FEATURE (
  echo sluice: cannot tell the version of "%JAVA%" 1>&2
  exit /b 3
)
if %FEATURE% LSS 17 (
  echo sluice: Java 17 or newer is needed, "%JAVA%" is Java %JAVA_VERSION% ^(set SLUICE_JAVA_HOME to a newer one^) 1>&2
  exit /b 3
)

set "PURPOSE=serve"
for %%C in (check explain plugins reload drain status version help completion -h --help -V --version) do if "%~1"=="%%C" set "PURPOSE=brief"
if "%~1"=="" set "PURPOSE=brief"

set "FLAGS=-XX:+PerfDisableSharedMem -Xshare:auto"
echo " %SLUICE_OPTS% " | findstr /r /c:"-XX:+Use[A-Za-z0-9]*GC" >nul
set "THEIRS=%ERRORLEVEL%"
if "%PURPOSE%"=="brief" (
  set "FLAGS=%FLAGS% -XX:TieredStopAtLevel=1"
  if not "%THEIRS%"=="0" call set "FLAGS=%%FLAGS%% -XX:+UseSerialGC"
) else (
  set "FLAGS=%FLAGS% -XX:+ExitOnOutOfMemoryError -Dio.netty.leakDetection.level=disabled -Djdk.tls.rejectClientInitiatedRenegotiation=true"
  if not "%THEIRS%"=="0" call set "FLAGS=%%FLAGS%% -XX:+UseParallelGC"
  echo " %SLUICE_OPTS% " | findstr /c:" -Xm" /c:"RAMPercentage=" >nul || call set "FLAGS=%%FLAGS%% -Xms128m -XX:MaxRAMPercentage=25"
  if %FEATURE% GEQ 25 call set "FLAGS=%%FLAGS%% -XX:+UseCompactObjectHeaders"
)
if %FEATURE% GEQ 22 set "FLAGS=%FLAGS% --enable-native-access=ALL-UNNAMED"
if %FEATURE% GEQ 23 set "FLAGS=%FLAGS% --sun-misc-unsafe-memory-access=allow"

if /i "%SLUICE_CACHE%"=="off" goto start
if not defined SLUICE_CACHE set "SLUICE_CACHE=%SLUICE_HOME%\cache"
if not exist "%SLUICE_CACHE%\" mkdir "%SLUICE_CACHE%" 2>nul
if not exist "%SLUICE_CACHE%\" goto start
if %FEATURE% GEQ 19 set "ARCHIVE=-XX:+AutoCreateSharedArchive "-XX:SharedArchiveFile=%SLUICE_CACHE%\%PURPOSE%-%JAVA_VERSION%.jsa""

:start
"%JAVA%" %FLAGS% %ARCHIVE% %SLUICE_OPTS% "-Dsluice.home=%SLUICE_HOME%" -cp "%SLUICE_HOME%\lib\*;%SLUICE_HOME%\plugins\*" io.sluice.distribution.cli.Main %*
exit /b %ERRORLEVEL%

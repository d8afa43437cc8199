// Written for Sallyport. SPDX-License-Identifier: Apache-2.0

rule PowerShell_Downloads_And_Runs
{
    meta:
        description = "PowerShell that runs what it fetches, without a file"
        severity = "high"
    strings:
        $iex1 = /\b(IEX|Invoke-Expression)\b\s*\(?\s*\(?\s*(New-Object|irm|iwr|Invoke-(WebRequest|RestMethod)|\(?\s*\[System\.Net)/ nocase
        $pipe = /\|\s{0,20}(IEX|Invoke-Expression)\b/ nocase
        $fetch = /\b(DownloadString|DownloadData|irm|iwr|Invoke-(WebRequest|RestMethod))\b/ nocase
        $hidden = /-w(in(dowstyle)?)?\s+(1|hid(den)?)\b/ nocase
        $encoded = /\s-e(nc?|ncodedcommand|c)?\s+['"]?[A-Za-z0-9+\/=]{120}/ nocase
    condition:
        filesize < 5MB and (
            $iex1 or ($hidden and $encoded) or
            // What a line fetches goes into the pipe that runs it.
            for any i in (1..#pipe) : (i <= 20 and $fetch in (@pipe[i] - 300..@pipe[i]))
        )
}

rule PowerShell_Loads_Code_Into_Memory
{
    meta:
        description = "PowerShell that puts code into memory and runs it"
        severity = "high"
    strings:
        $alloc = "VirtualAlloc" nocase
        $copy = /Marshal\]?::Copy\s*\(/ nocase
        $thread = /CreateThread|GetDelegateForFunctionPointer/ nocase
        $import = /DllImport|GetProcAddress|Add-Type/ nocase
        $var = /\$\w{1,40}\s*=/
    condition:
        filesize < 5MB and $var and $alloc and $copy and $thread and $import
}

rule Script_Host_Downloads_And_Runs
{
    meta:
        description = "A script for Windows that fetches a file and starts it"
        severity = "high"
    strings:
        $shell1 = "WScript.Shell" nocase
        $shell2 = "Shell.Application" nocase
        $get1 = /MSXML2\.(Server)?XMLHTTP|Microsoft\.XMLHTTP|WinHttp\.WinHttpRequest/ nocase
        $save = "ADODB.Stream" nocase
        $to = /\.SaveToFile\b/ nocase
        $run = /\.(Run|Exec|ShellExecute)\b/ nocase
    condition:
        filesize < 5MB and any of ($shell*) and $get1 and $save and $to and $run
}

rule Shell_Downloads_And_Runs
{
    meta:
        description = "A shell script that fetches a program into a folder for everybody, makes it runnable and runs it"
        severity = "medium"
    strings:
        $get = /\b(wget|curl|tftp|ftpget)\b[^\n;|&]{1,200}https?:\/\/\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}[^\n]{1,200}/
        $place = /\bcd\s+\/(tmp|var\/run|dev\/shm|mnt|var\/tmp)\b/
        $mode = /\bchmod\s+(\+x|0?777)\b/
    condition:
        filesize < 1MB and $get and $place and $mode
}

rule Reverse_Shell
{
    meta:
        description = "A line that gives a shell to whoever waits at another machine"
        severity = "high"
    strings:
        $bash = /\b(ba)?sh\s+-i\s*(>&|&>|<>)\s*\/dev\/tcp\/[\w.-]{1,80}\/\d{1,5}/
        $nc = /\bn(et)?c(at)?\b[^\n]{0,60}\s-(e|c)\s+\/bin\/(ba|z|da)?sh\b/
        $python1 = "socket.socket("
        $python2 = "os.dup2("
        $python3 = /\b(pty\.spawn|subprocess\.(call|Popen|run))\s{0,5}\(/
        $perl1 = "sockaddr_in("
        $perl2 = /open\(STDIN,\s{0,5}"?>&/
    condition:
        filesize < 1MB and (
            $bash or $nc or
            // In one line, or a few: the parts stand close together.
            for any i in (1..#python2) : (
                i <= 20 and $python1 in (@python2[i] - 400..@python2[i]) and $python3 in (@python2[i]..@python2[i] + 400)
            ) or
            for any i in (1..#perl2) : (i <= 20 and $perl1 in (@perl2[i] - 400..@perl2[i]))
        )
}

rule HTML_Smuggling
{
    meta:
        description = "A page that builds a file from a long text inside itself and saves it without a click"
        severity = "medium"
    strings:
        $html = /<(html|script|body)\b/ nocase
        $decode = /\batob\s*\(/
        $blob = /new\s+Blob\s*\(/
        $save1 = "msSaveOrOpenBlob"
        $save2 = /\.download\s*=\s*/
        $click = /\.click\s*\(\s*\)/
        $long = /['"`][A-Za-z0-9+\/=]{2000}/
    condition:
        filesize < 50MB and $html and $decode and $blob and ($save1 or ($save2 and $click)) and $long
}

rule Shortcut_Runs_Script
{
    meta:
        description = "A shortcut of Windows that starts a command line with what scripts need"
        severity = "high"
    strings:
        $p1 = "powershell" wide ascii nocase
        $p2 = "mshta" wide ascii nocase
        $p3 = "cmd.exe" wide ascii nocase
        $p4 = "wscript" wide ascii nocase
        $a1 = "http://" wide ascii nocase
        $a2 = "https://" wide ascii nocase
        $a3 = " -enc" wide ascii nocase
        $a4 = "-windowstyle" wide ascii nocase
        $a5 = "FromBase64String" wide ascii nocase
        $a6 = "javascript:" wide ascii nocase
    condition:
        uint32(0) == 0x0000004C and uint32(4) == 0x00021401 and any of ($p*) and any of ($a*)
}

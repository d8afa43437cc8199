// Written for Sallyport. SPDX-License-Identifier: Apache-2.0
//
// Packers hide what a program does; many honest programs are packed as well. These rules say "low": suspicious.

import "pe"

rule Packer_UPX
{
    meta:
        description = "Packed with UPX"
        severity = "low"
    strings:
        $mark = "UPX!"
        $elf = "$Info: This file is packed with the UPX executable packer"
    condition:
        (uint16(0) == 0x5A4D and $mark and for any section in pe.sections : (section.name == "UPX0" or section.name == "UPX1"))
        or (uint32(0) == 0x464C457F and $mark and $elf)
}

rule Packer_By_Section_Names
{
    meta:
        description = "Sections of a program that packers and protectors are known by"
        severity = "low"
    condition:
        uint16(0) == 0x5A4D and for any section in pe.sections : (
            section.name == ".aspack" or section.name == ".adata" or section.name == "ASPack" or
            section.name == ".MPRESS1" or section.name == ".MPRESS2" or
            section.name == ".themida" or section.name == ".winlice" or
            section.name == ".vmp0" or section.name == ".vmp1" or
            section.name == ".petite" or section.name == "PEC2" or section.name == ".enigma1" or
            section.name == ".nsp0" or section.name == ".nsp1" or section.name == "MEW" or section.name == "FSG!"
        )
}

rule Program_Injects_Into_Others
{
    meta:
        description = "A program with the texts of an injector and of what it injects for"
        severity = "medium"
    strings:
        $i1 = "VirtualAllocEx" fullword
        $i2 = "WriteProcessMemory" fullword
        $i3 = "CreateRemoteThread" fullword
        $i4 = "NtUnmapViewOfSection" fullword
        $i5 = "SetThreadContext" fullword
        $k1 = "ReflectiveLoader" fullword
        $k2 = "MiniDumpWriteDump" fullword
        $k3 = "sekurlsa" nocase wide ascii
        $k4 = "Meterpreter" nocase wide ascii
    condition:
        uint16(0) == 0x5A4D and ($k1 or $k3 or $k4 or ($i4 and $i5 and $i2)) and 2 of ($i*, $k*)
        and ($k1 or $k3 or $k4)
}

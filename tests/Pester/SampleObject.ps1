# Objects of the module's types with something in every property, for what must hold for all of them.

# Text as a server or a file might have it that means no good: sequences of the terminal, line breaks, a change of direction, NUL, and far too long.
$script:HostileText = "x$([char] 27)[31m$([char] 27)]0;title$([char] 7)`r`n`t$([char] 0x202E)y$([char] 0)$([char] 0x9B)2J'`"`$(exit)<script>" + ('z' * 300)

function New-SampleObject {
    param([type] $Type, [string] $Text = 'text', [int] $Depth = 0)

    $inner = [Nullable]::GetUnderlyingType($Type)
    if ($inner) { return New-SampleObject $inner $Text $Depth }
    if ($Type -eq [string] -or $Type -eq [object]) { return $Text }
    if ($Type -eq [bool]) { return $true }
    if ($Type -eq [timespan]) { return [timespan]::FromSeconds(98765.4) }
    if ($Type -eq [datetimeoffset]) { return [datetimeoffset]::new(2026, 11, 24, 3, 15, 0, [timespan]::Zero) }
    if ($Type -eq [datetime]) { return [datetime]::new(2026, 11, 24, 3, 15, 0, 'Utc') }
    if ($Type -eq [uri]) { return [uri]'https://www.example.org/health' }
    if ($Type -eq [version]) { return [version]'1.2.3' }
    if ($Type.IsEnum) { return [enum]::GetValues($Type)[-1] }
    if ($Type.IsPrimitive -or $Type -eq [decimal]) { return 97 -as $Type }

    $dictionary = @($Type) + $Type.GetInterfaces() | Where-Object { $_.IsGenericType -and $_.GetGenericTypeDefinition() -eq [System.Collections.Generic.IReadOnlyDictionary`2] } | Select-Object -First 1
    if ($dictionary) {
        $key, $value = $dictionary.GetGenericArguments()
        $map = [Activator]::CreateInstance([System.Collections.Generic.Dictionary`2].MakeGenericType($key, $value))
        $map.Add((New-SampleObject $key $Text $Depth), (New-SampleObject $value $Text ($Depth + 1)))
        return $map
    }

    $sequence = @($Type) + $Type.GetInterfaces() | Where-Object { $_.IsGenericType -and $_.GetGenericTypeDefinition() -eq [System.Collections.Generic.IEnumerable`1] } | Select-Object -First 1
    if ($sequence) {
        $element = $sequence.GetGenericArguments()[0]
        $list = [array]::CreateInstance($element, 2)
        foreach ($index in 0, 1) { $list[$index] = New-SampleObject $element $Text ($Depth + 1) }
        return , $list
    }

    if ($Depth -gt 4 -or $Type.IsAbstract -or -not $Type.GetConstructor([type[]]@())) { return $null }
    $object = [Activator]::CreateInstance($Type)
    foreach ($property in $Type.GetProperties() | Where-Object { $_.SetMethod -and $_.SetMethod.IsPublic -and $_.GetIndexParameters().Count -eq 0 }) {
        $value = New-SampleObject $property.PropertyType $Text ($Depth + 1)
        if ($null -ne $value) { $property.SetValue($object, $value.PSObject.BaseObject) }
    }

    return $object
}

# The types that have views of their own, by their full names.
function Get-ViewedType {
    $format = [xml](Get-Content (Join-Path $PSScriptRoot '../../artifacts/ProdOps/ProdOps.Format.ps1xml') -Raw)
    $format.Configuration.ViewDefinitions.View.ViewSelectedBy.TypeName | Sort-Object -Unique |
        Where-Object { ($_ -as [type]) -and ($_ -as [type]).GetConstructor([type[]]@()) }
}

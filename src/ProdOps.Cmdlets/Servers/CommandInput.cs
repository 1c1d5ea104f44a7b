using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace ProdOps.Cmdlets.Servers;

/// <summary>What a session's objects are on a command's standard input.</summary>
internal static class CommandInput
{
    /// <summary>Bytes as they are; everything else as a line of UTF-8 text.</summary>
    public static ReadOnlyMemory<byte> ToBytes(object[]? values)
    {
        var bytes = new MemoryStream();
        foreach (object? value in values ?? [])
        {
            switch (value is PSObject wrapped ? wrapped.BaseObject : value)
            {
                case byte one:
                    bytes.WriteByte(one);
                    break;
                case byte[] many:
                    bytes.Write(many);
                    break;
                case var other:
                    bytes.Write(Encoding.UTF8.GetBytes(Convert.ToString(other, CultureInfo.InvariantCulture) + "\n"));
                    break;
            }
        }

        return bytes.ToArray();
    }
}

/// <summary>Takes an array of bytes as one value. PowerShell would make an object of each byte, some thirty times the memory.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class WholeBytesAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is byte[] bytes ? new object[] { bytes } : inputData;
}

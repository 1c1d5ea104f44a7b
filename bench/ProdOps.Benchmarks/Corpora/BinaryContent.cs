using System.Buffers.Binary;

namespace ProdOps.Benchmarks.Corpora;

/// <summary>Files that are no text: pictures, which do not compress, and libraries, which do a little.</summary>
internal static class BinaryContent
{
    private static ReadOnlySpan<byte> PictureHeader => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    public static void FillPicture(ref SeededRandom random, Span<byte> destination)
    {
        random.Fill(destination);
        PictureHeader[..Math.Min(PictureHeader.Length, destination.Length)].CopyTo(destination);
    }

    /// <summary>Records of small numbers with zeros between them, every third page random, like code and tables in a library.</summary>
    public static void FillLibrary(ref SeededRandom random, Span<byte> destination)
    {
        for (int page = 0; destination.Length > 0; page++)
        {
            var part = destination[..Math.Min(4096, destination.Length)];
            destination = destination[part.Length..];
            if (page % 3 == 0)
                random.Fill(part);
            else
                FillRecords(ref random, part);
        }
    }

    private static void FillRecords(ref SeededRandom random, Span<byte> page)
    {
        uint address = (uint)random.Next();
        for (; page.Length >= 16; page = page[16..])
        {
            address += (uint)random.Below(64) * 4;
            BinaryPrimitives.WriteUInt32LittleEndian(page, address);
            BinaryPrimitives.WriteUInt32LittleEndian(page[4..], (uint)random.Below(256));
            BinaryPrimitives.WriteUInt32LittleEndian(page[8..], 0);
            BinaryPrimitives.WriteUInt32LittleEndian(page[12..], (uint)random.Below(4) << 24);
        }
        page.Clear();
    }
}

import { Box, Text } from "ink";
import { memo } from "react";

interface BlockProps {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Lines of exactly `width` columns, styled already. */
  readonly text: string;
}

/** A piece of the screen that is composed already. One node a panel, drawn again only when its text has changed. */
export const Block = memo(function Block({ left, top, width, height, text }: BlockProps) {
  return (
    <Box position="absolute" left={left} top={top} width={width} height={height}>
      <Text wrap="truncate">{text}</Text>
    </Box>
  );
});
